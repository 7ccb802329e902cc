/// What bytes mean to the router alone: TCP options and sequence numbers, DNS, groups. No I/O, no state, no clock.
/// The contract is that of `org.vswitch.wire`: after `isValid` was true no getter leaves the message.
package org.vswitch.slirp.wire;
