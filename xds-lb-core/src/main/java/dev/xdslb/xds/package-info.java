/** The client of the control plane: one ADS stream per process that feeds every cluster. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.xds;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
