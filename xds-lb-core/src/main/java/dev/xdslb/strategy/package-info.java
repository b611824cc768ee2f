/** How one endpoint is picked among the eligible ones: the strategy SPI and the built-in strategies. */
@NullMarked
package dev.xdslb.strategy;

import org.jspecify.annotations.NullMarked;
