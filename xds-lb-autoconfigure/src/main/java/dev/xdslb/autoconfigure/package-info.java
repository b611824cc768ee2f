/** Properties and auto-configuration; knows every other package. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.autoconfigure;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
