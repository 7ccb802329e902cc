/// What may be asked of a running switch, and by whom: the gate to the data plane, VDE's control socket, and who may
/// use which port.
package org.vswitch.control;
