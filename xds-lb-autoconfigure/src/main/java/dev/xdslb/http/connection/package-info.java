/** The connections of HTTP clients that Spring Boot builds, to pods that prove the name of their service. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.http.connection;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
