/// Where frames come from and go to. A [org.vswitch.link.Link] is one way in and out: a VDE client's socket, a tap, a
/// UDP tunnel. An [org.vswitch.link.Endpoint] is a link in use, with its backlog and its ledger. A
/// [org.vswitch.link.LinkScheme] makes links of a kind from a URL and attaches them to whoever asked.
///
/// A kind of port and a plug URL scheme are the same thing: one file here and one line in module-info.
package org.vswitch.link;
