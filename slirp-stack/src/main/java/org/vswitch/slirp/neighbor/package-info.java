/// Who is where on the Ethernet: which station has which IP address (ARP, neighbor discovery).
package org.vswitch.slirp.neighbor;
