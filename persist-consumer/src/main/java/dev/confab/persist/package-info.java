/** Batch-writes messages to the table. */
@NullMarked
package dev.confab.persist;

import org.jspecify.annotations.NullMarked;
