package org.vswitch.slirp.host;

/// The fake network's UDP sockets keep the contract.
class FakeHostDatagramTest extends HostDatagramContractTest {
    @Override
    HostWorld world() {
        return new FakeWorld();
    }
}
