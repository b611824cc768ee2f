/** What a whole call costs: a Spring or gRPC client that calls servers which do nothing, without balancing, with the platform's, with ours. */
@NullMarked
package dev.xdslb.benchmarks.call;

import org.jspecify.annotations.NullMarked;
