/// Rules of this code base that run as tests: the layers, and tidiness. Each rule is shown a sample that breaks it.
package org.vswitch.rules;
