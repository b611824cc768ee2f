/**
 * The whole system against a real Kubernetes API server: the control plane and the sample run from their jars, pods are
 * real servers with addresses of their own. Runs only in a network of its own, see {@code e2e/isolated.sh}.
 */
@NullMarked
package dev.xdslb.e2e;

import org.jspecify.annotations.NullMarked;
