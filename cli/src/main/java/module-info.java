/// The commands. Wiring only: options in, calls on the modules below, exit code out.
@SuppressWarnings({"requires-automatic", "module"})
module org.vswitch.cli {
    requires info.picocli;
    requires jdk.unsupported;
    requires org.vswitch.core;
    requires org.vswitch.plug;
    requires org.vswitch.slirp;

    opens org.vswitch.cli to info.picocli;
}
