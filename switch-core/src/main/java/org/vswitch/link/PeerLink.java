package org.vswitch.link;

import java.util.Optional;

/// A link whose other end may break the rules of its kind.
public interface PeerLink extends Link {
    /// Why the other end was unplugged; to be asked once the link was detached.
    ///
    /// @return what it did, to stand behind its name; empty if it has left, or we have
    default Optional<String> complaint() {
        return Optional.empty();
    }
}
