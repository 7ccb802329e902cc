package org.vswitch.engine;

import java.nio.file.Path;

/// All that a switch of one thread can do, with three.
class SwitchOfThreeThreadsTest extends SwitchTest {
    @Override
    SwitchConfig config(Path sockets) {
        return super.config(sockets).withThreads(3);
    }
}
