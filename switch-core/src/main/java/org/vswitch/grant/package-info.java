/// How a process without privileges asks the broker `vswitch-tapd` for a tap: the messages, and who sends them.
package org.vswitch.grant;
