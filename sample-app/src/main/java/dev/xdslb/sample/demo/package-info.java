/**
 * The demo: the whole system in one process. Pods and their manifests ({@code Fleet}), the control plane, the sample under
 * load, a client that pins connections beside it, trouble by script, and what comes of it on the terminal, on a page and
 * in a report.
 */
@NullMarked
package dev.xdslb.sample.demo;

import org.jspecify.annotations.NullMarked;
