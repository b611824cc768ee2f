/** The grpc-java integration: name resolver and load-balancing policy on the clusters of this process. */
@NullMarked
package dev.xdslb.grpc;

import org.jspecify.annotations.NullMarked;
