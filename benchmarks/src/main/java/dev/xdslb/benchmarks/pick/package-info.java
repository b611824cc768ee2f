/** What one request costs inside a balancer: ours beside the peers' own code. */
@NullMarked
package dev.xdslb.benchmarks.pick;

import org.jspecify.annotations.NullMarked;
