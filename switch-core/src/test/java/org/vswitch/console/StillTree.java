package org.vswitch.console;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.TreeSettings;
import org.vswitch.bridge.Vlan;
import org.vswitch.control.SwitchControl;

/// A spanning tree that remembers what it is told and never hears of another switch.
final class StillTree implements TreeSettings {
    private static final long OWN = 0x8000_00ff_0102_0304L;
    private static final int PORT_COST = 20_000_000;

    private final Bridge bridge;
    private final Map<Integer, int[]> bonuses = new HashMap<>();
    private boolean enabled;

    StillTree(SwitchControl control) {
        this.bridge = control.ask(asked -> asked).join();
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    @Override
    public void enable(boolean on) {
        enabled = on;
    }

    @Override
    public long bridgeId() {
        return OWN;
    }

    @Override
    public void edge(int vid, int port, boolean on) {
        // what an edge port does is the tree's own affair
    }

    @Override
    public void bonus(int vid, int port, int cost) {
        bonuses.put(vid, new int[] {port, cost});
    }

    @Override
    public View view(int vid) {
        int[] bonus = bonuses.getOrDefault(vid, new int[2]);
        Vlan vlan = bridge.vlans().vlan(vid);
        List<Member> members = new ArrayList<>();
        for (boolean tagged : new boolean[] {false, true}) {
            for (int port = 0; port < bridge.ports().count(); port++) {
                boolean member = (tagged ? vlan.tagged() : vlan.untagged()).contains(port);
                if (member && bridge.ports().port(port).isActive()) {
                    members.add(new Member(port, tagged, PORT_COST,
                            tagged ? "Unknown" : port == 0 ? "Root" : "Designated"));
                }
            }
        }
        return new View(vid, OWN, -1, 0, 0, 0, bonus[0], bonus[1], members);
    }
}
