/// What guests may reach through the host, and under which address.
package org.vswitch.slirp.policy;
