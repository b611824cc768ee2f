/** The balancers that others use, to compare with: algorithms written anew as their authors published them. */
@NullMarked
package dev.xdslb.simulation.peer;

import org.jspecify.annotations.NullMarked;
