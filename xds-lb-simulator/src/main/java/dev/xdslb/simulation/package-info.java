/**
 * A simulator of services, clients and faults in virtual time, for any {@link dev.xdslb.strategy.LoadBalancingStrategy}:
 * describe a {@link dev.xdslb.simulation.Simulation}, run it for several {@link
 * dev.xdslb.simulation.SimulatedSystem}s with the same seed, compare the results.
 */
@API(status = API.Status.EXPERIMENTAL)
@NullMarked
package dev.xdslb.simulation;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
