/** An ordinary Spring Boot service that balances its requests with xds-lb. Copy from here. */
@NullMarked
package dev.xdslb.sample;

import org.jspecify.annotations.NullMarked;
