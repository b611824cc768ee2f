/** RestClient, RestTemplate, and every other client behind Spring Cloud's blocking interceptors. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.http.blocking;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
