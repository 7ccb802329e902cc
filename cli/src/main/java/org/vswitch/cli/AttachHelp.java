package org.vswitch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.vswitch.cli.VmDirectory.Place;

/// `vswitch attach-help [KIND [PATH]]`: how a guest of some kind is attached, ready to paste: what the switch is
/// started with, and what the guest. Without a path, or with that of a directory or of a socket named as in one, the
/// switch is one of `--vm` ([VmDirectory]), unless one runs there that is not.
///
/// @param kind its name here
/// @param title what it is for
/// @param tried whether tests of this project run it; otherwise it follows the documentation of the other side
/// @param place where it attaches in a directory of `--vm`
/// @param ours arguments of vswitch without `--vm`; `{path}` stands for the socket or directory
/// @param theirs the guest's side; `{guest}` stands for a socket of its own
record AttachHelp(String kind, String title, boolean tried, Place place, String ours, String theirs) {
    /// Of the guest.
    static final String MAC = "52:54:00:00:00:01";

    private static final String DEVICE = " -device virtio-net-pci,netdev=n0,mac=" + MAC;
    private static final String SHARED_MEMORY =
            "-m 1G -object memory-backend-memfd,id=mem0,size=1G,share=on -machine q35,memory-backend=mem0";
    private static final String BRIDGE = """
            --link 'tap://uplink[bridge=br0,up]'
            # before, as root: ip link add br0 up type bridge; ip tuntap add tap0 mode tap user $USER
            #                  ip link set tap0 up master br0""";

    /// Those there are.
    static final List<AttachHelp> ALL = List.of(
            new AttachHelp("qemu", "QEMU 7.2 or later", true, Place.STREAM, "--link qemu://{path}",
                    "-netdev stream,id=n0,addr.type=unix,addr.path={path}" + DEVICE + """

                    # to find a switch that was started anew add ,reconnect=1 with QEMU 8.0 and later,
                    # ,reconnect-ms=500 with 9.2 and later; with 7.2 take qemu-server"""),
            new AttachHelp("qemu-server", "QEMU 7.2 or later that listens, and outlives the switch", true,
                    Place.ELSEWHERE, "--link 'qemu://{path}[client]'",
                    "-netdev stream,id=n0,server=on,addr.type=unix,addr.path={path}" + DEVICE),
            new AttachHelp("qemu-dgram", "QEMU 7.2 or later by datagrams, one socket for each guest", true,
                    Place.UNIXGRAM, "--link 'dgram://{path}->{path}.guest'",
                    "-netdev dgram,id=n0,local.type=unix,local.path={guest},remote.type=unix,remote.path={path}"
                    + DEVICE),
            new AttachHelp("qemu-vde", "QEMU of any version with libvdeplug", true, Place.VDE, "--sock {path}",
                    "-netdev vde,id=n0,sock={path}" + DEVICE),
            new AttachHelp("qemu-vhost", "QEMU 7.2 or later by shared memory, the fastest", true, Place.VHOST,
                    "--link vhost-user://{path}", SHARED_MEMORY
                    + " -chardev socket,id=c0,path={path},reconnect=1 -netdev vhost-user,id=n0,chardev=c0"
                    + DEVICE + """
                    ,vectors=0
                    # -m and size= are the guest's memory; with QEMU 9.2 and later ,reconnect-ms=1000 instead of
                    # ,reconnect=1; with -enable-kvm without ,vectors=0, which QEMU's emulation needs"""),
            new AttachHelp("libvirt", "libvirt, a TCP port of this machine for all guests", false, Place.ELSEWHERE,
                    "--link qemu://127.0.0.1:7000", """
                    <interface type='client'>
                      <mac address='52:54:00:00:00:01'/>
                      <source address='127.0.0.1' port='7000'/>
                      <model type='virtio'/>
                    </interface>"""),
            new AttachHelp("libvirt-udp", "libvirt, a pair of UDP ports for each guest", false, Place.ELSEWHERE,
                    "--link 'dgram://127.0.0.1:7001->127.0.0.1:7002'", """
                    <interface type='udp'>
                      <mac address='52:54:00:00:00:01'/>
                      <source address='127.0.0.1' port='7001'>
                        <local address='127.0.0.1' port='7002'/>
                      </source>
                      <model type='virtio'/>
                    </interface>"""),
            new AttachHelp("libvirt-stream", "libvirt, by a stream as QEMU has it", false, Place.STREAM,
                    "--link qemu://{path}", """
                    <!-- in <domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>, behind <devices> -->
                    <qemu:commandline>
                      <qemu:arg value='-netdev'/>
                      <qemu:arg value='stream,id=n0,addr.type=unix,addr.path={path}'/>
                      <qemu:arg value='-device'/>
                      <qemu:arg value='virtio-net-pci,netdev=n0,mac=52:54:00:00:00:01'/>
                    </qemu:commandline>"""),
            new AttachHelp("uml", "User Mode Linux", true, Place.VDE, "--sock {path}", "eth0=daemon,,unix,{path}/ctl"),
            new AttachHelp("uml-bess", "User Mode Linux 4.18 or later, faster", true, Place.BESS,
                    "--link bess://{path}", """
                    vec0:transport=bess,dst={path},src={guest}
                    # a file that an earlier guest left at src= is to be removed before"""),
            new AttachHelp("libvirt-vhost", "libvirt by shared memory", false, Place.VHOST,
                    "--link vhost-user://{path}", """
                    <interface type='vhostuser'>
                      <mac address='52:54:00:00:00:01'/>
                      <source type='unix' path='{path}' mode='client'>
                        <reconnect enabled='yes' timeout='1'/>
                      </source>
                      <model type='virtio'/>
                    </interface>
                    <!-- and beside <devices>:
                      <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking> -->"""),
            new AttachHelp("firecracker", "Firecracker, by a bridge of the host", false, Place.ELSEWHERE, BRIDGE, """
                    "network-interfaces": [
                      {"iface_id": "eth0", "guest_mac": "52:54:00:00:00:01", "host_dev_name": "tap0"}
                    ]"""),
            new AttachHelp("cloud-hypervisor", "Cloud Hypervisor, by a bridge of the host", false, Place.ELSEWHERE,
                    BRIDGE,
                    "--net tap=tap0,mac=52:54:00:00:00:01"),
            new AttachHelp("cloud-hypervisor-vhost", "Cloud Hypervisor by shared memory", false, Place.VHOST,
                    "--link vhost-user://{path}",
                    "--memory size=1G,shared=on --net mac=52:54:00:00:00:01,vhost_user=true,socket={path}"),
            new AttachHelp("crosvm", "crosvm, by a bridge of the host", false, Place.ELSEWHERE,
                    BRIDGE, "--net tap-name=tap0"),
            new AttachHelp("crosvm-vhost", "crosvm by shared memory", false, Place.VHOST, "--link vhost-user://{path}",
                    "--vhost-user net,socket={path}"),
            new AttachHelp("libkrun", "libkrun, and what is built on it", false, Place.STREAM, "--link qemu://{path}",
                    "krun_add_net_unixstream(context, \"{path}\", -1, mac, features, 0);"),
            new AttachHelp("vfkit", "vfkit, krunkit and libkrun by datagrams", false, Place.UNIXGRAM,
                    "--link unixgram://{path}",
                    "--device virtio-net,unixSocketPath={path},mac=52:54:00:00:00:01"),
            new AttachHelp("lima", "Lima, in the instance's lima.yaml", false, Place.STREAM, "--link qemu://{path}", """
                    networks:
                      - socket: "{path}\""""),
            new AttachHelp("virtualbox", "VirtualBox, a pair of UDP ports for each guest", false, Place.ELSEWHERE,
                    "--link 'dgram://127.0.0.1:7001->127.0.0.1:7002'", """
                    --nic1 generic --nicgenericdrv1 UDPTunnel --nicproperty1 dest=127.0.0.1 \\
                      --nicproperty1 sport=7002 --nicproperty1 dport=7001"""),
            new AttachHelp("passt", "passt as the router, with the switch as its guest", true, Place.ROUTER,
                    "--link 'qemu://{path}[client]'", "passt --socket {path}"),
            new AttachHelp("slirp4netns", "slirp4netns as the router, with the switch as its guest", true, Place.ROUTER,
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
        if (arguments.size() == 1) {
            return wanted.text(VmDirectory.USUAL);
        }
        String path = arguments.get(1);
        if (!path.matches(VmDirectory.PLAIN_PATH)) {
            throw new BadCommandLine("attach-help: '" + path + "' is not " + VmDirectory.PLAIN);
        }
        Optional<VmDirectory> directory = wanted.directory(path);
        return directory.isPresent() ? wanted.text(directory.get())
                : wanted.text(wanted.ours(path), wanted.theirs(path));
    }

    /// A kind that there is.
    static AttachHelp of(String kind) {
        return ALL.stream().filter(each -> each.kind.equals(kind)).findFirst().orElseThrow();
    }

    /// The guest's side.
    ///
    /// @param path of the socket or directory
    /// @return arguments, or a piece of a file
    String theirs(String path) {
        return theirs.replace("{path}", path).replace("{guest}", path + VmDirectory.GUEST);
    }

    /// The switch's side.
    ///
    /// @param path of the socket or directory
    /// @return arguments
    String ours(String path) {
        return ours.replace("{path}", path);
    }

    /// The guest's side of a switch with `--vm`.
    ///
    /// @param directory of the switch
    /// @return arguments, or a piece of a file
    String in(VmDirectory directory) {
        return theirs.replace("{path}", directory.at(place)).replace("{guest}", directory.path() + VmDirectory.GUEST);
    }

    /// The directory that somebody means who names it, or the socket of this kind in it.
    private Optional<VmDirectory> directory(String path) {
        if (place == Place.VDE || Files.isDirectory(Path.of(path))) {
            return Optional.of(new VmDirectory(path));
        }
        String member = "/" + place.member();
        return place.member().isEmpty() || !path.endsWith(member) || path.equals(member) ? Optional.empty()
                : Optional.of(new VmDirectory(path.substring(0, path.length() - member.length())));
    }

    private String text(VmDirectory directory) {
        boolean lacks = directory.lacks(place);
        String start = (lacks ? "--sock " : "--vm ") + directory.path();
        return text(switch (place) {
            case VDE -> start;
            case STREAM, VHOST, UNIXGRAM, BESS -> lacks ? start + " --link " + directory.link(place)
                    + "\n# as the switch that is there has no " + directory.at(place)
                    + "; its console makes it: link/add " + directory.link(place) : start;
            case ELSEWHERE -> start + " " + ours(directory.at(place));
            case ROUTER -> "--sock " + directory.path() + " " + ours(directory.at(place));
        }, in(directory));
    }

    private String text(String arguments, String guest) {
        return "# " + title + (tried ? "" : " (not tried here)") + "\n\n# vswitch:\n" + arguments
                + "\n\n# the other side:\n" + guest + "\n";
    }
}
