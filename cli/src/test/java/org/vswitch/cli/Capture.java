package org.vswitch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.vswitch.fixture.Sandbox;

/// What tshark sees on an interface in a namespace, and what it thinks of the checksums.
final class Capture implements AutoCloseable {
    private static final String GOOD = "1";

    private final Child tshark;
    private final Path file;

    private Capture(Child tshark, Path file) {
        this.tshark = tshark;
        this.file = file;
    }

    /// A frame as tshark shows it.
    ///
    /// @param source the IP address it comes from
    /// @param bytes its length
    /// @param payload bytes of TCP's payload
    /// @param intact whether tshark finds all checksums right
    record Frame(String source, int bytes, int payload, boolean intact) {
        private static Frame parse(String line) {
            String[] fields = line.split(",", -1);
            boolean isIpv4 = !fields[1].isEmpty();
            return new Frame(isIpv4 ? fields[1] : fields[2], Integer.parseInt(fields[0]), Integer.parseInt(fields[3]),
                    (!isIpv4 || fields[4].equals(GOOD)) && fields[5].equals(GOOD));
        }
    }

    /// Begins to capture TCP; ends by itself after so many frames.
    static Capture start(Sandbox sandbox, String networkInterface, Path file, int frames) {
        Child.assumeInstalled("tshark");
        Child tshark = Child.start(sandbox.inside("tshark", "-i", networkInterface, "-f", "tcp", "-c",
                Integer.toString(frames), "-w", file.toString()));
        tshark.await("Capture started");
        return new Capture(tshark, file);
    }

    /// Waits for the last frame.
    ///
    /// @return all frames that come from an address
    List<Frame> from(String address) {
        int status = tshark.status();
        if (status != 0) {
            throw new AssertionError("status " + status + " of " + tshark.describe());
        }
        Stream<String> options = Stream.of("tshark", "-n", "-r", file.toString(), "-o", "ip.check_checksum:TRUE",
                "-o", "tcp.check_checksum:TRUE", "-T", "fields", "-E", "separator=,");
        Stream<String> fields = Stream.of("frame.len", "ip.src", "ipv6.src", "tcp.len", "ip.checksum.status",
                "tcp.checksum.status").flatMap(field -> Stream.of("-e", field));
        String[] command = Stream.concat(options, fields).toArray(String[]::new);
        return Child.run(command).lines().filter(line -> line.matches("\\d+,.*")).map(Frame::parse)
                .filter(frame -> frame.source().equals(address)).toList();
    }

    @Override
    public void close() {
        tshark.close();
    }
}
