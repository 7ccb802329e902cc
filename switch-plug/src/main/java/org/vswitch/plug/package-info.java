/// Plug URLs, one class per scheme, and cables: two links and nothing between them.
package org.vswitch.plug;
