package org.vswitch.cli;

import java.util.List;
import java.util.stream.Collectors;

/// `vswitch attach-help [KIND [PATH]]`: how a guest of some kind is attached, ready to paste: what the switch is
/// started with, and what the guest.
///
/// @param kind its name here
/// @param title what it is for
/// @param tried whether tests of this project run it; otherwise it follows the documentation of the other side
/// @param ours arguments of vswitch; `{path}` stands for the socket or directory
/// @param theirs the guest's side
record AttachHelp(String kind, String title, boolean tried, String ours, String theirs) {
    private static final String USUAL_PATH = "/tmp/vm";
    /// What no shell, URL or option of anybody's gives a meaning of its own; with room for an ending in an address.
    private static final String PLAIN_PATH = "/[A-Za-z0-9._/@+-]{0,99}";
    private static final String DEVICE = " -device virtio-net-pci,netdev=n0,mac=52:54:00:00:00:01";
    private static final String SHARED_MEMORY =
            "-m 1G -object memory-backend-memfd,id=mem0,size=1G,share=on -machine q35,memory-backend=mem0";
    private static final String BRIDGE = """
            --link 'tap://uplink[bridge=br0,up]'
            # before, as root: ip link add br0 up type bridge; ip tuntap add tap0 mode tap user $USER
            #                  ip link set tap0 up master br0""";

    /// Those there are.
    static final List<AttachHelp> ALL = List.of(
            new AttachHelp("qemu", "QEMU 7.2 or later", true, "--link qemu://{path}",
                    "-netdev stream,id=n0,addr.type=unix,addr.path={path}" + DEVICE + """

                    # to find a switch that was started anew add ,reconnect=1 with QEMU 8.0 and later,
                    # ,reconnect-ms=500 with 9.2 and later; with 7.2 take qemu-server"""),
            new AttachHelp("qemu-server", "QEMU 7.2 or later that listens, and outlives the switch", true,
                    "--link 'qemu://{path}[client]'",
                    "-netdev stream,id=n0,server=on,addr.type=unix,addr.path={path}" + DEVICE),
            new AttachHelp("qemu-dgram", "QEMU 7.2 or later by datagrams, one socket for each guest", true,
                    "--link 'dgram://{path}->{path}.guest'",
                    "-netdev dgram,id=n0,local.type=unix,local.path={path}.guest,remote.type=unix,remote.path={path}"
                    + DEVICE),
            new AttachHelp("qemu-vde", "QEMU of any version with libvdeplug", true, "--sock {path}",
                    "-netdev vde,id=n0,sock={path}" + DEVICE),
            new AttachHelp("qemu-vhost", "QEMU 7.2 or later by shared memory, the fastest", true,
                    "--link vhost-user://{path}", SHARED_MEMORY
                    + " -chardev socket,id=c0,path={path},reconnect=1 -netdev vhost-user,id=n0,chardev=c0"
                    + DEVICE + """

                    # -m and size= are the guest's memory; with QEMU 9.2 and later ,reconnect-ms=1000 instead of
                    # ,reconnect=1; without KVM add ,vectors=0 to the device"""),
            new AttachHelp("libvirt", "libvirt, a TCP port of this machine for all guests", false,
                    "--link qemu://127.0.0.1:7000", """
                    <interface type='client'>
                      <mac address='52:54:00:00:00:01'/>
                      <source address='127.0.0.1' port='7000'/>
                      <model type='virtio'/>
                    </interface>"""),
            new AttachHelp("libvirt-udp", "libvirt, a pair of UDP ports for each guest", false,
                    "--link 'dgram://127.0.0.1:7001->127.0.0.1:7002'", """
                    <interface type='udp'>
                      <mac address='52:54:00:00:00:01'/>
                      <source address='127.0.0.1' port='7001'>
                        <local address='127.0.0.1' port='7002'/>
                      </source>
                      <model type='virtio'/>
                    </interface>"""),
            new AttachHelp("uml", "User Mode Linux", false, "--sock {path}", "eth0=daemon,,unix,{path}/ctl"),
            new AttachHelp("uml-bess", "User Mode Linux 4.18 or later, faster", false, "--link bess://{path}",
                    "vec0:transport=bess,dst={path},src={path}.guest"),
            new AttachHelp("libvirt-vhost", "libvirt by shared memory", false, "--link vhost-user://{path}", """
                    <interface type='vhostuser'>
                      <mac address='52:54:00:00:00:01'/>
                      <source type='unix' path='{path}' mode='client'>
                        <reconnect enabled='yes' timeout='1'/>
                      </source>
                      <model type='virtio'/>
                    </interface>
                    <!-- and beside <devices>:
                      <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking> -->"""),
            new AttachHelp("firecracker", "Firecracker, by a bridge of the host", false, BRIDGE, """
                    "network-interfaces": [
                      {"iface_id": "eth0", "guest_mac": "52:54:00:00:00:01", "host_dev_name": "tap0"}
                    ]"""),
            new AttachHelp("cloud-hypervisor", "Cloud Hypervisor, by a bridge of the host", false, BRIDGE,
                    "--net tap=tap0,mac=52:54:00:00:00:01"),
            new AttachHelp("cloud-hypervisor-vhost", "Cloud Hypervisor by shared memory", false,
                    "--link vhost-user://{path}",
                    "--memory size=1G,shared=on --net mac=52:54:00:00:00:01,vhost_user=true,socket={path}"),
            new AttachHelp("crosvm", "crosvm, by a bridge of the host", false, BRIDGE, "--net tap-name=tap0"),
            new AttachHelp("crosvm-vhost", "crosvm by shared memory", false, "--link vhost-user://{path}",
                    "--vhost-user net,socket={path}"),
            new AttachHelp("libkrun", "libkrun, and what is built on it", false, "--link qemu://{path}",
                    "krun_add_net_unixstream(context, \"{path}\", -1, mac, features, 0);"),
            new AttachHelp("vfkit", "vfkit, krunkit and libkrun by datagrams", false, "--link unixgram://{path}",
                    "--device virtio-net,unixSocketPath={path},mac=52:54:00:00:00:01"),
            new AttachHelp("lima", "Lima, in the instance's lima.yaml", false, "--link qemu://{path}", """
                    networks:
                      - socket: "{path}\""""),
            new AttachHelp("virtualbox", "VirtualBox, a pair of UDP ports for each guest", false,
                    "--link 'dgram://127.0.0.1:7001->127.0.0.1:7002'", """
                    --nic1 generic --nicgenericdrv1 UDPTunnel --nicproperty1 dest=127.0.0.1 \\
                      --nicproperty1 sport=7002 --nicproperty1 dport=7001"""),
            new AttachHelp("passt", "passt as the router, with the switch as its guest", true,
                    "--link 'qemu://{path}[client]'", "passt --socket {path}"),
            new AttachHelp("slirp4netns", "slirp4netns as the router, with the switch as its guest", true,
                    "--link 'bess://{path}[client]'", "slirp4netns --target-type=bess {path}"));

    /// What is printed.
    ///
    /// @param arguments the kind and the path, each of which may be missing
    /// @return lines
    /// @throws BadCommandLine if there is no such kind, or there are more
    static String of(List<String> arguments) throws BadCommandLine {
        if (arguments.isEmpty()) {
            return "vswitch attach-help KIND [PATH]: how to attach a guest. Kinds are\n" + ALL.stream()
                    .map(each -> "  %-23s %s\n".formatted(each.kind, each.title)).collect(Collectors.joining());
        }
        if (arguments.size() > 2 || arguments.getLast().isBlank()) {
            throw new BadCommandLine("attach-help takes a kind and a path");
        }
        AttachHelp wanted = ALL.stream().filter(each -> each.kind.equals(arguments.getFirst())).findFirst()
                .orElseThrow(() -> new BadCommandLine("attach-help " + arguments.getFirst() + ": kinds are "
                        + ALL.stream().map(AttachHelp::kind).collect(Collectors.joining(", "))));
        String path = arguments.size() > 1 ? arguments.get(1) : USUAL_PATH;
        if (!path.matches(PLAIN_PATH)) {
            throw new BadCommandLine("attach-help: '" + path
                    + "' is not an absolute path of up to 100 letters, digits and . _ / @ + -");
        }
        return wanted.text(path);
    }

    /// The guest's side.
    ///
    /// @param path of the socket or directory
    /// @return arguments, or a piece of a file
    String theirs(String path) {
        return theirs.replace("{path}", path);
    }

    /// The switch's side.
    ///
    /// @param path of the socket or directory
    /// @return arguments
    String ours(String path) {
        return ours.replace("{path}", path);
    }

    private String text(String path) {
        return "# " + title + (tried ? "" : " (not tried here)") + "\n\n# vswitch:\n" + ours(path)
                + "\n\n# the other side:\n" + theirs(path) + "\n";
    }
}
