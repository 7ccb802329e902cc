package org.vswitch.link;

/// A link's URL, not yet taken apart beyond its scheme: how options are written is the scheme's affair.
///
/// @param scheme lower case
/// @param rest what stands behind `://`
public record LinkUrl(String scheme, String rest) {
    /// Takes a URL apart; without `://` it is a VDE network, as libvdeplug has it.
    ///
    /// @param text for example `tap://t0[mtu=9000]` or `/run/user/1000/vnet0`
    /// @return scheme and rest
    public static LinkUrl parse(String text) {
        int mark = text.indexOf("://");
        return mark < 0 ? new LinkUrl("vde", text) : new LinkUrl(text.substring(0, mark), text.substring(mark + 3));
    }

    @Override
    public String toString() {
        return scheme + "://" + rest;
    }
}
