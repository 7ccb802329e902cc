package org.vswitch.control;

/// Clients whose links lie on several threads.
class CtlSocketOnThreeThreadsTest extends CtlSocketTest {
    @Override
    int threads() {
        return 3;
    }
}
