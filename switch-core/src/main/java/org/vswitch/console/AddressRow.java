package org.vswitch.console;

import org.vswitch.wire.MacAddress;

/// An entry of the filtering database.
///
/// @param bucket that VDE's table would have it in
/// @param address a MAC address
/// @param vid its VLAN
/// @param port where it was last seen
/// @param ageSeconds since then
/// @param shownPort the number that the text form prints
record AddressRow(int bucket, long address, int vid, int port, int ageSeconds, int shownPort) implements Row {
    AddressRow(int bucket, long address, int vid, int port, int ageSeconds) {
        this(bucket, address, vid, port, ageSeconds, port);
    }

    /// As `hash/find` prints it: with the port's number plus one, an old mistake of VDE's that its readers know. The
    /// JSON form has the right number.
    ///
    /// @return the same entry
    AddressRow asFound() {
        return new AddressRow(bucket, address, vid, port, ageSeconds, port + 1);
    }

    @Override
    public void text(StringBuilder lines) {
        lines.append("Hash: %04d Addr: %s VLAN %04d to port: %03d  age %d secs\n".formatted(bucket,
                MacAddress.toText(address), vid, shownPort, ageSeconds));
    }

    @Override
    public void json(Json json) {
        json.object().member("address", MacAddress.toText(address)).member("vlan", vid).member("port", port)
                .member("ageSeconds", ageSeconds).endObject();
    }
}
