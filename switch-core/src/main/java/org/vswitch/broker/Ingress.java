package org.vswitch.broker;

/// What frames may come out of a tap into the host, and where they may lead.
///
/// @param pin whose they are
/// @param anywhere whether they may lead to any address of the host and beyond, and not only to those of the tap; a
///     tap in a bridge leads where the bridge does
record Ingress(SourcePin pin, boolean anywhere) {
}
