/** Properties and auto-configuration; knows every other package. */
@NullMarked
package dev.xdslb.autoconfigure;

import org.jspecify.annotations.NullMarked;
