/** The WebSocket route Lambdas and the authorizer. No KCL. */
@NullMarked
package dev.confab.ingest;

import org.jspecify.annotations.NullMarked;
