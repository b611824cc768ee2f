/** Everything put together for an application without Spring. */
@NullMarked
package dev.xdslb.client;

import org.jspecify.annotations.NullMarked;
