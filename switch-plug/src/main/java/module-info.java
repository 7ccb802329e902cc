/// Plug URLs, cables between two of them, and the plug library. Over the switch's links, without its bridge.
@SuppressWarnings({"requires-automatic", "module"})
module org.vswitch.plug {
    requires org.jnrproject.unixsocket;
    requires org.vswitch.core;

    provides org.vswitch.link.LinkScheme with org.vswitch.plug.impair.ImpairScheme;

    exports org.vswitch.plug to org.vswitch.cli;
}
