package org.vswitch.engine;

import java.util.List;
import org.vswitch.bridge.TreeSettings;

/// The settings of a spanning tree that is always off.
record NoTree(long bridgeId) implements TreeSettings {
    @Override
    public boolean isEnabled() {
        return false;
    }

    @Override
    public void enable(boolean on) {
        // stays off
    }

    @Override
    public void edge(int vid, int port, boolean on) {
        // without tree there are no edges
    }

    @Override
    public void bonus(int vid, int port, int cost) {
        // without tree there are no costs
    }

    @Override
    public View view(int vid) {
        return new View(vid, bridgeId, -1, 0, 0, 0, 0, 0, List.of());
    }
}
