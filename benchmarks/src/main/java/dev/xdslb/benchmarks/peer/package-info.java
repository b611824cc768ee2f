/** The libraries that users have today, behind the simulator's interface: their own code decides about each request. */
@NullMarked
package dev.xdslb.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
