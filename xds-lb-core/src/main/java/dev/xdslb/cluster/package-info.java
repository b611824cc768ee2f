/** One service's live state (source, snapshot, load, policy, strategy) and the registry of all of them. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.cluster;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
