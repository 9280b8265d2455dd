/**
 * The operator's command line over both dead-letter queues: what lies there, and putting it back on
 * the stream without losing it or its chat's order.
 */
@NullMarked
package dev.confab.replay;

import org.jspecify.annotations.NullMarked;
