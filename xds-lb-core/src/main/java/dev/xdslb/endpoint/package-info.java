/** Where a service can be reached: endpoints, their place and health, and the immutable snapshot of them. JDK only. */
@NullMarked
package dev.xdslb.endpoint;

import org.jspecify.annotations.NullMarked;
