/// Where a frame goes: ports, VLANs, the table of learned addresses, the spanning tree, and the decision.
///
/// Everything here belongs to one data-plane thread. Others ask by commands that run on it between passes.
package org.vswitch.bridge;
