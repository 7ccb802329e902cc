package org.vswitch.benchmark.harness;

import java.nio.file.Path;

/// A contestant that runs.
///
/// @param name unique within the harness's run: what the ends know it by
/// @param contestant what it is
/// @param process its process
/// @param directory where its sockets are
record Entrant(String name, Contestant contestant, Child process, Path directory) {
}
