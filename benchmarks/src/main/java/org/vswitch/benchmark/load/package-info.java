/// The processes at the two ends of a switch under test: they make load, receive it and count. Each is a program of its
/// own that the harness commands by lines on its standard input.
package org.vswitch.benchmark.load;
