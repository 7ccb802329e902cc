package org.vswitch.engine;

/// Guests whose links lie on several threads.
class SocketGuestsOnThreeThreadsTest extends SocketGuestsInSwitchTest {
    @Override
    int threads() {
        return 3;
    }
}
