/** Kinesis in memory, in the JVM, for local runs and tests. Depends on nothing of ours. */
@NullMarked
package dev.confab.kinesis;

import org.jspecify.annotations.NullMarked;
