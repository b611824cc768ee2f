/** The control plane as a Spring Boot application: puts the packages below it together. */
@NullMarked
package dev.xdslb.controlplane;

import org.jspecify.annotations.NullMarked;
