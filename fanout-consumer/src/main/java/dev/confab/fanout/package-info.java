/** Pushes messages to active connections. */
@NullMarked
package dev.confab.fanout;

import org.jspecify.annotations.NullMarked;
