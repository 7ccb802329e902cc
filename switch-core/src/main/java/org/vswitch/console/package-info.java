/// VDE's management console: words for what `control` can do, on standard input and on Unix sockets.
///
/// A line is a command; each command stands in the table of one [org.vswitch.console.Menu], with its path, syntax and
/// help text. A [org.vswitch.console.ConsoleSession] takes bytes and gives replies in VDE's form:
///
///     0000 DATA END WITH '.'        only commands that print, even if they fail
///     (rows)
///     .
///     1000 Success                  or 1, the error number in three digits, and its text
///     (empty line)
///     vde$                          the prompt, without newline
///
/// Lines `3NNN category text` may come at any time between replies to those who asked for them by `debug/add`.
package org.vswitch.console;
