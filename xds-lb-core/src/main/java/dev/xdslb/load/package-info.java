/** What this process measures per endpoint, and the lease that counts one request in flight. */
@NullMarked
package dev.xdslb.load;

import org.jspecify.annotations.NullMarked;
