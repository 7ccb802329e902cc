package org.vswitch.cli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// SIGHUP as an order to read files again.
///
/// Theory of operation. A signal's handler must not be Java, which is what the JVM's own is for: it wakes a thread.
/// Its only door is `sun.misc.Signal` of the module jdk.unsupported, of which javac warns whatever the source says,
/// and a warning ends the build. So it is found by name; that happens once.
final class HangUp {
    private static final String SIGNAL = "HUP";

    private HangUp() {
    }

    /// From now on SIGHUP does not end the process.
    ///
    /// @param order run for each signal, on a thread of its own
    static void handledBy(Runnable order) {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        try {
            Class<?> signal = lookup.findClass("sun.misc.Signal");
            Class<?> handler = lookup.findClass("sun.misc.SignalHandler");
            MethodHandle run = lookup.findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
                    .bindTo(order);
            Object action = MethodHandleProxies.asInterfaceInstance(handler,
                    MethodHandles.dropArguments(run, 0, signal));
            Object hangUp = lookup.findConstructor(signal, MethodType.methodType(void.class, String.class))
                    .invoke(SIGNAL);
            lookup.findStatic(signal, "handle", MethodType.methodType(handler, signal, handler))
                    .invoke(hangUp, action);
        } catch (Throwable missing) {
            throw new IllegalStateException("no sun.misc.Signal in this JVM", missing);
        }
    }
}
