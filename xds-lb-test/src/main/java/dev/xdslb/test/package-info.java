/** What users of xds-lb need in their own tests: endpoints without a control plane, and the strategies' contract test. */
@API(status = API.Status.STABLE)
@NullMarked
package dev.xdslb.test;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
