/// What the router itself offers to guests: addresses by DHCP, router advertisements.
package org.vswitch.slirp.service;
