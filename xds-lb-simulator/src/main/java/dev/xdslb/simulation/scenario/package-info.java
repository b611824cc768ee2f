/**
 * Ready-made simulations: the situations in which balancers differ, each with its parameters, its measures and the peers to
 * compare with. {@link dev.xdslb.simulation.scenario.Scenarios} lists them.
 */
@API(status = API.Status.EXPERIMENTAL)
@NullMarked
package dev.xdslb.simulation.scenario;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
