/// What bytes mean to the router: ARP, ICMP, neighbor discovery, TCP options, DHCP, DNS. No I/O, no state, no clock.
/// The contract is that of `org.vswitch.wire`: after `isValid` was true no getter leaves the message.
package org.vswitch.slirp.wire;
