package org.vswitch.benchmark.harness;

/// Whose numbers are divided by whose.
enum Pairing {
    /// The switch beside Debian's.
    OURS_TO_VDE(Contestant.VSWITCH, Contestant.VDE),
    /// The switch beside none.
    OURS_TO_LIMIT(Contestant.VSWITCH, Contestant.LIMIT),
    /// What room there is above Debian's.
    LIMIT_TO_VDE(Contestant.LIMIT, Contestant.VDE);

    private final Contestant one;
    private final Contestant other;

    Pairing(Contestant one, Contestant other) {
        this.one = one;
        this.other = other;
    }

    Contestant one() {
        return one;
    }

    Contestant other() {
        return other;
    }

    /// As it stands in tables.
    String label() {
        return one.label() + " / " + other.label();
    }
}
