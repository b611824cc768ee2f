/** The balancers that others use, to compare with: algorithms written anew as their authors published them. */
@API(status = API.Status.EXPERIMENTAL)
@NullMarked
package dev.xdslb.simulation.peer;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
