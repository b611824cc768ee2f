/** Translates services into xDS resources: names, content, versions. Each resource is encoded once. */
@NullMarked
package dev.xdslb.controlplane.resource;

import org.jspecify.annotations.NullMarked;
