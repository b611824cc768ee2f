/** One service's live state (source, snapshot, load, policy, strategy) and the registry of all of them. */
@NullMarked
package dev.xdslb.cluster;

import org.jspecify.annotations.NullMarked;
