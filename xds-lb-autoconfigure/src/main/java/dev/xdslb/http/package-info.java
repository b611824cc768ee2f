/** Counts HTTP requests against the endpoint that they were sent to; one sub-package per kind of client. */
@NullMarked
package dev.xdslb.http;

import org.jspecify.annotations.NullMarked;
