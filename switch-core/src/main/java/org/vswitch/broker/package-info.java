/// The broker `vswitch-tapd`: gives taps to users without privileges, as its policy says.
package org.vswitch.broker;
