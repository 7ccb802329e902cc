package org.vswitch.console;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vswitch.bridge.BridgePort;
import org.vswitch.control.Accounts;
import org.vswitch.link.Endpoint;

/// A port as `port/print` shows it.
///
/// @param number the port's
/// @param untaggedVlan the VLAN of its untagged frames; 4095 for none
/// @param allocatable whether it may be given to somebody who asks for no particular port
/// @param users who plugged in, who may by user, who may by group
/// @param traffic its counters
/// @param trunk whether it passes every tag
/// @param mirror the port that gets copies of its frames, or -1
/// @param plugs its endpoints, the newest first
record PortRow(int number, int untaggedVlan, boolean allocatable, Users users, BridgePort.Traffic traffic,
        boolean trunk, int mirror, List<Plug> plugs) implements Row {
    /// Describes a port.
    ///
    /// @param port on the data-plane thread
    /// @param names used when the row is rendered
    /// @return a snapshot
    static PortRow of(BridgePort port, Names names) {
        List<Plug> plugs = new ArrayList<>();
        for (Endpoint endpoint : port.endpoints()) {
            plugs.addFirst(new Plug(endpoint.id(), endpoint.label().module(), endpoint.label().description()));
        }
        return new PortRow(port.number(), port.untaggedVlan(), port.isAllocatable(),
                new Users(port.currentUser(), port.allowedUser(), port.allowedGroup(), names), port.traffic(),
                port.isTrunk(), port.mirror() == null ? -1 : port.mirror().number(), plugs);
    }

    @Override
    public void text(StringBuilder lines) {
        lines.append("Port %04d untagged_vlan=%04d %sACTIVE - %sUnnamed Allocatable\n".formatted(number, untaggedVlan,
                plugs.isEmpty() ? "IN" : "", allocatable ? "" : "NOT "));
        lines.append(" Current User: %s Access Control: (User: %s - Group: %s)\n".formatted(users.currentName(),
                users.allowedNameAsText(), users.allowedGroupName()));
        lines.append(" IN:  pkts %10d          bytes %20d\n".formatted(traffic.framesIn(), traffic.bytesIn()));
        lines.append(" OUT: pkts %10d          bytes %20d\n".formatted(traffic.framesOut(), traffic.bytesOut()));
        for (Plug plug : plugs) {
            lines.append("  -- endpoint ID %04d module %-12s: %s\n".formatted(plug.id, plug.module,
                    plug.description));
        }
    }

    @Override
    public void json(Json json) {
        json.object().member("port", number).member("untaggedVlan", untaggedVlan)
                .member("active", !plugs.isEmpty()).member("allocatable", allocatable)
                .member("currentUser", users.currentName()).member("allowedUser", users.allowedName())
                .member("allowedGroup", users.allowedGroupName()).member("framesIn", traffic.framesIn())
                .member("bytesIn", traffic.bytesIn()).member("framesOut", traffic.framesOut())
                .member("bytesOut", traffic.bytesOut()).member("trunk", trunk).name("mirror");
        if (mirror < 0) {
            json.value(null);
        } else {
            json.value(mirror);
        }
        json.name("endpoints").array();
        for (Plug plug : plugs) {
            json.object().member("id", plug.id).member("module", plug.module)
                    .member("description", plug.description).endObject();
        }
        json.endArray().endObject();
    }

    /// An endpoint.
    ///
    /// @param id VDE's endpoint ID
    /// @param module VDE's word for its kind
    /// @param description how it calls itself
    record Plug(long id, String module, String description) {
    }

    /// Who uses a port, and who may.
    ///
    /// @param current a user id
    /// @param allowed a user id
    /// @param allowedGroup a group id
    /// @param names of them
    record Users(int current, int allowed, int allowedGroup, Names names) {
        String currentName() {
            return names.user(current);
        }

        String allowedName() {
            return names.user(allowed);
        }

        /// VDE keeps one name at a time, so that while somebody is plugged in it prints that user's name as the allowed
        /// one's, too, if there is an allowed one and either both have names or neither has. Readers of the text know
        /// it so; the JSON form has the right name.
        String allowedNameAsText() {
            boolean both = current != BridgePort.NOBODY && allowed != BridgePort.NOBODY;
            return both && names.hasName(current) == names.hasName(allowed) ? currentName() : allowedName();
        }

        String allowedGroupName() {
            return names.group(allowedGroup);
        }
    }

    /// Names of users and groups, looked up once a reply.
    static final class Names {
        private static final String NOBODY = "NONE";

        private final Accounts accounts;
        private final Map<Integer, String> users = new HashMap<>(Map.of(BridgePort.NOBODY, NOBODY));
        private final Map<Integer, String> groups = new HashMap<>(Map.of(BridgePort.NOBODY, NOBODY));

        Names(Accounts accounts) {
            this.accounts = accounts;
        }

        String user(int uid) {
            return users.computeIfAbsent(uid, accounts::userName);
        }

        boolean hasName(int uid) {
            return !user(uid).equals(Integer.toUnsignedString(uid));
        }

        String group(int gid) {
            return groups.computeIfAbsent(gid, accounts::groupName);
        }
    }
}
