package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Another network namespace (network_namespaces(7)).
///
/// Theory of operation. Each thread is in a network namespace of its own, and what it opens there stays there: a thread
/// that lives for one task enters, opens, and ends. No thread has to find its way back, and no program is started. For
/// this the process needs CAP_SYS_ADMIN in its own user namespace and in the one that owns the other, which it cannot
/// enter for it: the kernel lets no process with threads into a user namespace.
public final class NetworkNamespace implements AutoCloseable {
    private static final int O_RDONLY = 0;
    private static final int CLONE_NEWNET = 0x40000000;
    private static final long NS_GET_USERNS = 0xb701L;
    private static final long NS_GET_PARENT = 0xb702L;
    private static final String OWN = "/proc/thread-self/ns/net";
    private final Fd fd;
    private final String shown;

    /// Work inside a namespace.
    public interface Task {
        /// Does it.
        ///
        /// @throws LinuxException as the kernel refuses
        void run() throws LinuxException;
    }

    private NetworkNamespace(Fd fd, String shown) {
        this.fd = fd;
        this.shown = shown;
    }

    /// Opens a namespace, which lives on at least until this is closed.
    ///
    /// @param which the number of a process in it, a path, or a name that ip-netns(8) knows
    /// @return owned by the caller
    /// @throws LinuxException ENOENT if there is none, EACCES without the right to
    public static NetworkNamespace open(String which) throws LinuxException {
        String path = which;
        if (which.chars().allMatch(c -> c >= '0' && c <= '9')) {
            path = "/proc/" + which + "/ns/net";
        } else if (which.indexOf('/') < 0) {
            path = "/run/netns/" + which;
        }
        String shown = "netns=" + which;
        try (Arena arena = Arena.ofConfined()) {
            int opened = LibC.open(arena.allocateFrom(path).address(),
                    O_RDONLY | Constants.O_NONBLOCK | Constants.O_CLOEXEC, 0);
            return new NetworkNamespace(new Fd(LinuxException.check(opened, shown + hint(which, opened))), shown);
        }
    }

    private static String hint(String which, int opened) {
        boolean isProcess = which.chars().allMatch(c -> c >= '0' && c <= '9');
        if (opened == -Errno.ENOENT.number() && which.indexOf('/') < 0) {
            return isProcess ? " (there is no such process, or it has ended)"
                    : " (no such name; ip netns lists those there are)";
        }
        return isProcess && opened == -Errno.EACCES.number() ? " (a process of another user: for root)" : "";
    }

    /// Makes an empty namespace, which nobody else knows by name. With the last descriptor that keeps it, at the latest
    /// with this process, it goes, and the virtual interfaces in it.
    ///
    /// @return owned by the caller
    /// @throws LinuxException EPERM without CAP_SYS_ADMIN
    public static NetworkNamespace create() throws LinuxException {
        String shown = "a network namespace of its own";
        CompletableFuture<Fd> made = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name(shown).start(() -> {
            try (Arena arena = Arena.ofConfined()) {
                LinuxException.check(LibC.unshare(CLONE_NEWNET), shown);
                made.complete(new Fd(LinuxException.check(LibC.open(arena.allocateFrom(OWN).address(),
                        O_RDONLY | Constants.O_CLOEXEC, 0), shown)));
            } catch (LinuxException | RuntimeException | Error failure) {
                made.completeExceptionally(failure);
            }
        });
        return new NetworkNamespace(await(made), shown);
    }

    /// A namespace that somebody else has opened.
    ///
    /// @param descriptor stands for it; closed with this
    /// @param which as its opener calls it
    /// @return owned by the caller
    public static NetworkNamespace of(Fd descriptor, String which) {
        return new NetworkNamespace(descriptor, "netns=" + which);
    }

    /// The user namespace whose root administers this one.
    ///
    /// @return a descriptor that stands for it, owned by the caller
    /// @throws LinuxException EPERM if that is neither ours nor one inside of it, ENOTTY if this is no namespace
    public Fd owner() throws LinuxException {
        return new Fd(LinuxException.check(LibC.ioctl(fd.number(), NS_GET_USERNS, 0), shown));
    }

    /// The user namespace in which another was made.
    ///
    /// @param user stands for the other, as from [#owner]
    /// @return a descriptor that stands for it, owned by the caller
    /// @throws LinuxException EPERM if that is neither ours nor one inside of it
    public static Fd parent(Fd user) throws LinuxException {
        return new Fd(LinuxException.check(LibC.ioctl(user.number(), NS_GET_PARENT, 0), "parent of a user namespace"));
    }

    /// What stands for the namespace, to be handed to another process.
    ///
    /// @return closed with this
    public Fd descriptor() {
        return fd;
    }

    /// Does something inside the namespace, and waits for it.
    ///
    /// @param task run by a thread of its own
    /// @throws LinuxException EPERM without the right to enter, EINVAL if it is no network namespace; or as the task
    public void run(Task task) throws LinuxException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name(shown).start(() -> {
            try {
                LinuxException.check(LibC.setns(fd.number(), CLONE_NEWNET), shown);
                task.run();
                done.complete(null);
            } catch (LinuxException | RuntimeException | Error failure) {
                done.completeExceptionally(failure);
            }
        });
        await(done);
    }

    private static <T> T await(CompletableFuture<T> done) throws LinuxException {
        try {
            return done.join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof LinuxException refusal) {
                throw refusal;
            }
            throw failure;
        }
    }

    @Override
    public String toString() {
        return shown;
    }

    @Override
    public void close() {
        fd.close();
    }
}
