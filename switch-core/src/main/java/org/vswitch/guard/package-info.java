/// What a port may send: its own addresses and no other's, no answers that only a server or router gives, and no more
/// than its rate. Parses frames, knows neither links nor the bridge, reads no clock.
///
/// Everything here belongs to one data-plane thread and allocates nothing while frames pass.
package org.vswitch.guard;
