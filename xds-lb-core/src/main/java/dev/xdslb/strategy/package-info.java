/** How one endpoint is picked among the eligible ones: the strategy SPI and the built-in strategies. */
@API(status = API.Status.STABLE)
@NullMarked
package dev.xdslb.strategy;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
