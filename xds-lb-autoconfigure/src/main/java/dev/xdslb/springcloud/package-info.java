/** Spring Cloud LoadBalancer's balancer and list of instances, fed by the clusters of this process. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.springcloud;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
