/// The switch. Packages are layers: engine, console, control, bridge, link, frame, then wire and linux side by side.
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

    exports org.vswitch.engine;
}
