/// What came in and what goes out: packets, validated, and frames. Addresses are two longs, IPv4 as IPv4-mapped.
package org.vswitch.slirp.ip;
