/// What the kernel offers, as small final classes named after kernel objects. The only package that calls native code
/// (a test holds that) and the only one that reads or writes memory by address.
///
/// Calls that set something up throw [org.vswitch.linux.LinuxException]; calls in loops return a count or -errno.
package org.vswitch.linux;
