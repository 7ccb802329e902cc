package org.vswitch.link;

import java.io.IOException;
import java.util.function.Consumer;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinuxException;

/// An interface of the kernel that links are made of, one after the other, as it goes and comes. On the control side.
interface InterfacePlan {
    /// What kind of link it is, at the beginning of messages and in the label.
    ///
    /// @param kind for messages
    /// @param label as consoles show it
    record Words(String kind, String label) {
    }

    /// How users are told of it.
    Words words();

    /// What it is called.
    ///
    /// @return as in its URL, or as the kernel chose
    String description();

    /// Makes or opens the interface, sets it up and makes a link of it. What is refused leaves nothing behind that was
    /// not there before.
    ///
    /// @param log takes lines about what becomes of it later, from any thread
    /// @return owned by the caller
    /// @throws IOException with one line that names what is refused, and why
    TapPort open(Consumer<String> log) throws IOException;

    /// The same plan, for the interface that a link was made of.
    ///
    /// @param link that was opened
    InterfacePlan after(TapPort link);

    /// Whether there is to be another link when the interface is there again.
    boolean waits();

    /// The interface that must be there before there can be a link.
    ///
    /// @return its name; of several the first that is missing, if one is
    /// @throws LinuxException if the kernel does not say
    String required() throws LinuxException;

    /// A refusal of the kernel, as a user is told of it.
    ///
    /// @param kind for messages
    /// @param refusal that may say so already
    static LinuxException named(String kind, LinuxException refusal) {
        String prefix = kind + ": ";
        String call = refusal.call().startsWith(prefix) ? refusal.call() : prefix + refusal.call();
        return new LinuxException(call + ": " + Errno.name(refusal.errno()), refusal.errno());
    }
}
