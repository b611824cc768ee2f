/** Everything put together for an application without Spring. */
@API(status = API.Status.STABLE)
@NullMarked
package dev.xdslb.client;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
