package org.vswitch.link;

/// How an endpoint appears in consoles.
///
/// @param module VDE's word for its kind, such as `unix prog` or `tuntap`
/// @param description free text, such as `vde_plug: user=root pid=22318`
public record LinkLabel(String module, String description) {
}
