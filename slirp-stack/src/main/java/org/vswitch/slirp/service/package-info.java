/// What the router itself offers to guests: addresses by DHCP, router advertisements, names by DNS.
package org.vswitch.slirp.service;
