/** WebClient. */
@NullMarked
package dev.xdslb.http.webclient;

import org.jspecify.annotations.NullMarked;
