package org.vswitch.link.vhost;

import java.io.IOException;
import org.vswitch.linux.Fd;

/// What a session asks of the device that it speaks for: the border between control and data plane.
///
/// Called on one control thread. Each call returns when the data plane has done it, at the end of its pass at the
/// latest; so none may come before the link was attached. All throw [IOException] if the device has ended or does not
/// answer in time; the session then ends the connection. Ring numbers are below [#rings], even ones are the guest's
/// receive rings. Descriptors belong to the device once they are handed over, whatever comes of the call; null stands
/// for none.
interface VhostRings {
    /// How many rings there are.
    ///
    /// @return two for each queue pair, the same as long as the device lives
    int rings();

    /// Takes what the guest has agreed to, of the bits of [VirtioFeatures]. To be called while no ring runs.
    ///
    /// @param acked a subset of what was offered
    /// @throws IOException as said above
    void features(long acked) throws IOException;

    /// Replaces the guest's memory. The device holds it on its own until it has another one, so the caller may close
    /// what it gave before at any time. Rings that run find their place in the new one, or stop as broken.
    ///
    /// @param memory the new one, [GuestMemory#NONE] for none
    /// @throws IOException as said above
    void memory(GuestMemory memory) throws IOException;

    /// Starts a ring, disabled unless it was enabled before. Where it begins is read in the ring: what the used index
    /// says was done is done. A ring that runs is stopped first.
    ///
    /// @param ring its number
    /// @param setup where it lies, and its descriptors
    /// @throws IOException as said above, or if the addresses are misaligned or outside of the memory
    void start(int ring, RingSetup setup) throws IOException;

    /// Replaces the eventfd by which the guest is interrupted, and writes to it once.
    ///
    /// @param ring its number; without effect but closing if it does not run
    /// @param call an eventfd or null
    /// @throws IOException as said above
    void call(int ring, Fd call) throws IOException;

    /// Stops a ring. Afterwards not a byte of it or its buffers is touched, and its descriptors are closed.
    ///
    /// @param ring its number
    /// @return the index in the available ring from where to go on, 0 to 65,535; or -1 if the ring did not run
    /// @throws IOException as said above
    int stop(int ring) throws IOException;

    /// Enables or disables a ring, whether it runs or not. In a disabled receive ring nothing is put; what a guest
    /// sends through a disabled one is thrown away.
    ///
    /// @param ring its number
    /// @param enabled which
    /// @throws IOException as said above
    void enable(int ring, boolean enabled) throws IOException;

    /// Announces the guest on its new place: a reverse ARP request as if the guest had sent it.
    ///
    /// @param mac its address
    /// @throws IOException as said above
    void inject(long mac) throws IOException;

    /// Takes the guest's MTU: longer frames that are no super-frames are not offered to it.
    ///
    /// @param bytes 68 to 65,535
    /// @throws IOException as said above
    void mtu(int bytes) throws IOException;
}
