/// UDP of the guests: the router's own services, and flows through sockets of the host.
package org.vswitch.slirp.udp;
