/** Spring Cloud Gateway Server WebMVC. */
@NullMarked
package dev.xdslb.http.gatewaymvc;

import org.jspecify.annotations.NullMarked;
