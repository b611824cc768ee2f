/** The grpc-java integration: name resolver and load-balancing policy on the clusters of this process. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.grpc;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
