/** What the stages say about themselves, in CloudWatch's embedded metric format. */
@NullMarked
package dev.confab.metrics;

import org.jspecify.annotations.NullMarked;
