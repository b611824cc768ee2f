/**
 * The model: which endpoints each service has, in every Kubernetes cluster that is watched. One thread writes it, from
 * objects of our own types; everybody reads immutable views.
 */
@NullMarked
package dev.xdslb.controlplane.topology;

import org.jspecify.annotations.NullMarked;
