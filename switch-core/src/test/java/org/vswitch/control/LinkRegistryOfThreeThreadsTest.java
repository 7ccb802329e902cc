package org.vswitch.control;

import org.vswitch.engine.SwitchConfig;

/// Links on several threads.
class LinkRegistryOfThreeThreadsTest extends LinkRegistryTest {
    @Override
    SwitchConfig config() {
        return super.config().withThreads(3);
    }
}
