/** What this process measures per endpoint, and the lease that counts one request in flight. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.load;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
