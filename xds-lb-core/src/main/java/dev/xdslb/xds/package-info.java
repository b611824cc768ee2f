/** The client of the control plane: one ADS stream per process that feeds every cluster. */
@NullMarked
package dev.xdslb.xds;

import org.jspecify.annotations.NullMarked;
