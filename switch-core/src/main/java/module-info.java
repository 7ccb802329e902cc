/// The switch. Packages are layers: broker, engine, console, control, bridge, guard, link, grant, frame, wire, linux,
/// the top one first.
///
/// `linux` is for the project's own modules only. Add a line here with each package that another module really uses.
@SuppressWarnings({"requires-automatic", "module"})
module org.vswitch.core {
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires org.agrona;

    uses org.vswitch.link.LinkScheme;

    provides org.vswitch.link.LinkScheme with
            org.vswitch.link.BessScheme,
            org.vswitch.link.DgramScheme,
            org.vswitch.link.MacvtapScheme,
            org.vswitch.link.NullScheme,
            org.vswitch.link.QemuScheme,
            org.vswitch.link.ShmScheme,
            org.vswitch.link.TapScheme,
            org.vswitch.link.UdpScheme,
            org.vswitch.link.UnixgramScheme,
            org.vswitch.link.VdeScheme,
            org.vswitch.link.vhost.VhostUserScheme;

    exports org.vswitch.broker to org.vswitch.cli;
    exports org.vswitch.engine to org.vswitch.plug, org.vswitch.slirp, org.vswitch.cli;
    exports org.vswitch.bridge to org.vswitch.plug, org.vswitch.slirp, org.vswitch.cli;
    exports org.vswitch.control to org.vswitch.plug, org.vswitch.slirp, org.vswitch.cli;
    exports org.vswitch.console to org.vswitch.plug, org.vswitch.slirp, org.vswitch.cli;
    exports org.vswitch.frame to org.vswitch.plug, org.vswitch.slirp, org.vswitch.cli;
    exports org.vswitch.guard to org.vswitch.plug, org.vswitch.slirp, org.vswitch.cli;
    exports org.vswitch.link to org.vswitch.plug, org.vswitch.slirp, org.vswitch.cli;
    exports org.vswitch.grant to org.vswitch.cli;
    exports org.vswitch.linux to org.vswitch.plug, org.vswitch.slirp, org.vswitch.cli;
    exports org.vswitch.wire to org.vswitch.plug, org.vswitch.slirp, org.vswitch.cli;
}
