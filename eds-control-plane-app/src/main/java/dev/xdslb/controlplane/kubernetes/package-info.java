/** Objects of the Kubernetes API, reduced to what the topology needs, and the informers that watch them. */
@NullMarked
package dev.xdslb.controlplane.kubernetes;

import org.jspecify.annotations.NullMarked;
