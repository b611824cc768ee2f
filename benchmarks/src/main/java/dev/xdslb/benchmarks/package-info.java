/** Programs that measure the engine beside its peers. */
@NullMarked
package dev.xdslb.benchmarks;

import org.jspecify.annotations.NullMarked;
