/** The operator's CLI over both dead-letter queues. */
@NullMarked
package dev.confab.replay;

import org.jspecify.annotations.NullMarked;
