package org.vswitch.cli;

/// `vplug URL URL`: a cable between two networks.
final class VplugCommand {
    private final Log log = new Log("vplug");

    /// Runs the command.
    ///
    /// @param arguments without the program's name
    /// @return exit code
    int run(String... arguments) {
        log.line("not there yet: " + arguments.length);
        return 1;
    }
}
