/** What people and scripts look at: debug views as JSON. */
@NullMarked
package dev.xdslb.controlplane.web;

import org.jspecify.annotations.NullMarked;
