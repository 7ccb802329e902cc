package org.vswitch.slirp.service;

/// Who knows the name servers of the host: `/etc/resolv.conf`, or a fixed list.
@FunctionalInterface
public interface DnsServers {
    /// What is configured now. Called with every query on the data path: allocates nothing and hands out the same
    /// object as long as nothing has changed, and looks at files rarely.
    ///
    /// @param nowNs the time
    /// @return possibly without servers
    ResolvConf current(long nowNs);
}
