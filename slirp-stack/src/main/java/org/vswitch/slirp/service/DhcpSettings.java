package org.vswitch.slirp.service;

import java.util.List;

/// What DHCP tells guests besides the subnet and the router's address.
///
/// @param firstAddress the first address that is leased
/// @param nameServer the name server's address; 0 if guests are to know neither that nor a router, having no way out
/// @param mtu bytes of the longest IP packet on the guests' network
/// @param hostName the guest's name, at most 255 ASCII characters; empty for none
/// @param domain the domain that completes names, at most 255 ASCII characters; empty for none
/// @param search the domains that are tried to complete names, each of labels of at most 63 ASCII characters
public record DhcpSettings(int firstAddress, int nameServer, int mtu, String hostName, String domain,
        List<String> search) {
}
