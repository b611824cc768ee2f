/** Counts HTTP requests against the endpoint that they were sent to; one sub-package per kind of client. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.http;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
