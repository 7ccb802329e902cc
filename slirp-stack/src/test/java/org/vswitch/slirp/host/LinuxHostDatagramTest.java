package org.vswitch.slirp.host;

import java.io.IOException;

/// The real network's UDP sockets keep the contract.
class LinuxHostDatagramTest extends HostDatagramContractTest {
    @Override
    HostWorld world() throws IOException {
        return new LoopbackWorld();
    }
}
