/// ICMP and ICMPv6 of the guests: the router answers for itself, and pings go out through ping sockets of the host.
package org.vswitch.slirp.icmp;
