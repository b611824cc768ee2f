/** The objects of a Kubernetes cluster read from a folder of YAML files, and read again when a file changes. */
@NullMarked
package dev.xdslb.controlplane.manifests;

import org.jspecify.annotations.NullMarked;
