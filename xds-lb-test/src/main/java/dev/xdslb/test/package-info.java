/** What users of xds-lb need in their own tests: endpoints without a control plane, and the strategies' contract test. */
@NullMarked
package dev.xdslb.test;

import org.jspecify.annotations.NullMarked;
