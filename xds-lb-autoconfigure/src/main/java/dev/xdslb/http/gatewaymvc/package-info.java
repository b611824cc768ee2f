/** Spring Cloud Gateway Server WebMVC. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.http.gatewaymvc;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
