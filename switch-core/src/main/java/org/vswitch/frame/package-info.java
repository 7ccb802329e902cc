/// Where frames lie: slots of native memory, batches that describe up to 64 received frames by columns and pieces, the
/// derived forms that egress ports need, and the bounded backlog for ports that would block.
///
/// Everything here belongs to one data-plane thread and allocates nothing after construction.
package org.vswitch.frame;
