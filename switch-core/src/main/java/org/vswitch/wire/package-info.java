/// What bytes mean: headers as flyweights and static accessors over native addresses. No I/O, no state, no clock.
///
/// The contract of all of them: whoever wraps a header or calls an accessor has checked that the header's fixed part
/// lies within the frame; `isValid` checks every length inside it, and after it was true no getter leaves the frame.
/// Setters of length fields void it. To write: size first, then fields, then the checksum. Addresses point into a slot
/// or into the copied head of a frame, never into memory that somebody else may change.
package org.vswitch.wire;
