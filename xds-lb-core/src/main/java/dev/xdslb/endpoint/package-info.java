/** Where a service can be reached: endpoints, their place and health, and the immutable snapshot of them. JDK only. */
@API(status = API.Status.STABLE)
@NullMarked
package dev.xdslb.endpoint;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
