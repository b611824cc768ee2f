/** Who is eligible for a request, and with which weight. */
@NullMarked
package dev.xdslb.policy;

import org.jspecify.annotations.NullMarked;
