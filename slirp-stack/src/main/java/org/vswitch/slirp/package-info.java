/// The router: a link towards the switch, ordinary sockets towards the host, a pure stack between them.
package org.vswitch.slirp;
