/**
 * A client of Confab that keeps every client rule of docs/protocol.yaml: a pure core, and a thin
 * socket around it.
 */
@NullMarked
package dev.confab.load.client;

import org.jspecify.annotations.NullMarked;
