/** The service that the sample calls: a pod in the demo's process, or a process of its own. */
@NullMarked
package dev.xdslb.sample.backend;

import org.jspecify.annotations.NullMarked;
