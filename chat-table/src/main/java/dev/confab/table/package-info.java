/** The one DynamoDB table: every key shape, and a store for each thing it holds. */
@NullMarked
package dev.confab.table;

import org.jspecify.annotations.NullMarked;
