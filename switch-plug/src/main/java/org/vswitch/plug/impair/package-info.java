/// Links that are worse than they could be: loss, delay, duplication, reordering and a rate, by a seed, round any link.
///
/// `Impairment` says what is to happen, `Decisions` what happens to a frame, `DelayLine` holds frames until they are
/// due, `ImpairedLink` is the link. Words for it are [org.vswitch.plug.impair.ImpairScheme]'s alone.
package org.vswitch.plug.impair;
