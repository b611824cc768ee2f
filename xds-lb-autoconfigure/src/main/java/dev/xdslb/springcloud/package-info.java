/** Spring Cloud LoadBalancer's balancer and list of instances, fed by the clusters of this process. */
@NullMarked
package dev.xdslb.springcloud;

import org.jspecify.annotations.NullMarked;
