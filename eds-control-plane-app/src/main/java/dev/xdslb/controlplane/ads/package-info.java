/** Streams of subscribers: which names each one holds and what it gets next. Knows names, versions and bytes, nothing of Kubernetes. */
@NullMarked
package dev.xdslb.controlplane.ads;

import org.jspecify.annotations.NullMarked;
