package org.vswitch.plug.impair;

/// How frames are lost: a chain of two states, good and bad, each with a share of frames that it loses. Before each
/// frame the chain may change its state.
///
/// Source: E. O. Elliott, Estimates of Error Rates for Codes on Burst-Noise Channels, Bell System Technical Journal
/// 42(5), 1963, which adds a loss in the good state to E. N. Gilbert's model of 1960.
///
/// @param toBad probability of a change from good to bad, 0 to 1
/// @param toGood probability of a change from bad to good, 0 to 1
/// @param inGood probability of a loss in the good state, 0 to 1
/// @param inBad probability of a loss in the bad state, 0 to 1
public record Loss(double toBad, double toGood, double inGood, double inBad) {
    /// No frame is lost.
    public static final Loss NONE = new Loss(0, 1, 0, 0);

    /// Checks the probabilities.
    ///
    /// @throws IllegalArgumentException if one is not from 0 to 1, or there is no way out of the bad state
    public Loss {
        checkShare("toBad", toBad);
        checkShare("toGood", toGood);
        checkShare("inGood", inGood);
        checkShare("inBad", inBad);
        if (toBad > 0 && toGood == 0) {
            throw new IllegalArgumentException("toGood=0 (the bad state would never end)");
        }
    }

    /// Each frame is lost with the same probability, whatever happened to the others.
    ///
    /// @param share 0 to 1
    /// @return a chain that stays in its good state
    public static Loss independent(double share) {
        return new Loss(0, 1, share, 0);
    }

    /// Frames are lost one after the other: all in the bad state and none in the good one, Gilbert's model at its
    /// simplest.
    ///
    /// @param share of all frames in the long run, from 0 to below 1
    /// @param frames mean length of a burst, 1 or more
    /// @return a chain with this share and mean
    /// @throws IllegalArgumentException if there is no such chain: bursts are too short for so much loss
    public static Loss bursts(double share, double frames) {
        checkShare("loss", share);
        if (!(frames >= 1) || Double.isInfinite(frames)) {
            throw new IllegalArgumentException("burst=" + frames + " (1 or more)");
        }
        double toGood = 1 / frames;
        double toBad = share == 0 ? 0 : share * toGood / (1 - share);
        if (!(toBad <= 1)) {
            throw new IllegalArgumentException("burst=" + frames + " (too short for loss=" + share + ")");
        }
        return new Loss(toBad, toGood, 0, 1);
    }

    /// The share of frames that is lost in the long run.
    ///
    /// @return 0 to 1
    public double share() {
        double bad = toBad == 0 ? 0 : toBad / (toBad + toGood);
        return (1 - bad) * inGood + bad * inBad;
    }

    /// Here rather than in [Impairment], whose constants are made of those of this class.
    static void checkShare(String name, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(name + "=" + share + " (0 to 1)");
        }
    }
}
