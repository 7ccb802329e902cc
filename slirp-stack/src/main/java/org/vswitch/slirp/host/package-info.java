/// The host's network behind one interface, so that the stack can be driven by a fake one.
package org.vswitch.slirp.host;
