/**
 * What both consumers share: a stage, its outcomes, retries, dead letters, checkpoints, and the KCL
 * host.
 */
@NullMarked
package dev.confab.consumer;

import org.jspecify.annotations.NullMarked;
