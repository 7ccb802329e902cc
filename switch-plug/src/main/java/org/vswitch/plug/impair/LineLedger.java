package org.vswitch.plug.impair;

import org.vswitch.frame.Drop;

/// Where the frames of one direction of an impaired link went. Counted by the data-plane thread; others may read, and
/// see what was a moment ago. A direction without impairment counts nothing.
///
///     offered + duplicated = passed + sum of lost(reason) + inFlight
public interface LineLedger {
    /// Frames that came.
    ///
    /// @return a count
    long offered();

    /// Copies made because a frame was to come twice.
    ///
    /// @return a count
    long duplicated();

    /// Frames that did not go on in the moment they came, copies included.
    ///
    /// @return a count
    long delayed();

    /// Frames that went on, copies included.
    ///
    /// @return a count
    long passed();

    /// Frames lost: by chance ([Drop#IMPAIRED]), since too many were held ([Drop#DELAY_FULL]), since the inner link
    /// refused one ([Drop#LINK_ERROR], [Drop#TOO_LONG]), is down or has ended ([Drop#LINK_DOWN]).
    ///
    /// @param reason why
    /// @return a count
    long lost(Drop reason);

    /// Frames held now, copies included.
    ///
    /// @return a gauge
    int inFlight();
}
