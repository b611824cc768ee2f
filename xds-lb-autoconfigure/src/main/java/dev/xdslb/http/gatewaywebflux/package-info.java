@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.http.gatewaywebflux;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
