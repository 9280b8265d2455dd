/** Load by Kinesis producers and by WebSocket clients; benchmarks against other designs. */
@NullMarked
package dev.confab.load;

import org.jspecify.annotations.NullMarked;
