/** The contract that every module shares: what is on the stream, in a frame and in a queue. */
@NullMarked
package dev.confab.events;

import org.jspecify.annotations.NullMarked;
