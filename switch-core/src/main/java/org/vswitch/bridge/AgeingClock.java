package org.vswitch.bridge;

/// The time in whole seconds and the times of the filtering database (IEEE 802.1Q clause 8.8.3; VDE's three settings).
/// Set once per pass by the data plane.
public final class AgeingClock {
    private int nowSeconds;
    private int intervalSeconds = 2;
    private int expireSeconds = 100;
    private int minPersistenceSeconds = 3;

    /// VDE's defaults: swept every 2 s, expired after 100 s, held for 3 s.
    public AgeingClock() {
    }

    /// The current time.
    ///
    /// @return seconds since an arbitrary moment
    public int nowSeconds() {
        return nowSeconds;
    }

    /// Sets the current time.
    ///
    /// @param nowNs the data plane's clock
    public void set(long nowNs) {
        nowSeconds = (int) (nowNs / 1_000_000_000L);
    }

    /// How often entries are looked through.
    ///
    /// @return seconds
    public int intervalSeconds() {
        return intervalSeconds;
    }

    /// Sets how often entries are looked through.
    ///
    /// @param seconds above 0
    public void intervalSeconds(int seconds) {
        intervalSeconds = seconds;
    }

    /// After how long without a frame an entry is removed.
    ///
    /// @return seconds
    public int expireSeconds() {
        return expireSeconds;
    }

    /// Sets after how long without a frame an entry is removed.
    ///
    /// @param seconds 0 or more
    public void expireSeconds(int seconds) {
        expireSeconds = seconds;
    }

    /// For how long after a frame an entry cannot move to another port.
    ///
    /// @return seconds
    public int minPersistenceSeconds() {
        return minPersistenceSeconds;
    }

    /// Sets for how long after a frame an entry cannot move to another port.
    ///
    /// @param seconds 0 or more
    public void minPersistenceSeconds(int seconds) {
        minPersistenceSeconds = seconds;
    }
}
