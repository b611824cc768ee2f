/** RestClient, RestTemplate, and every other client behind Spring Cloud's blocking interceptors. */
@NullMarked
package dev.xdslb.http.blocking;

import org.jspecify.annotations.NullMarked;
