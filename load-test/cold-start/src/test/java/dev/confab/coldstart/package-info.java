/**
 * Starts functions as Lambda does, on stand-ins of its Runtime API, Kinesis and DynamoDB, and
 * counts what a start costs.
 */
@NullMarked
package dev.confab.coldstart;

import org.jspecify.annotations.NullMarked;
