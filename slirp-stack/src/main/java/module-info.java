/// The slirp router: a user-mode TCP/IP gateway that the switch sees as one more link.
@SuppressWarnings({"requires-automatic", "module"})
module org.vswitch.slirp {
    requires org.vswitch.core;

    provides org.vswitch.link.LinkScheme with org.vswitch.slirp.SlirpScheme;
}
