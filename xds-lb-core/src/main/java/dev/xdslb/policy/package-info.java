/** Who is eligible for a request, and with which weight. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.policy;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
