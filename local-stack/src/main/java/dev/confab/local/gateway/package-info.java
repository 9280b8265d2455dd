/**
 * API Gateway's WebSocket API on one machine: routes, authorizer, {@code @connections}, limits and
 * close codes. It knows nothing of chats.
 */
@NullMarked
package dev.confab.local.gateway;

import org.jspecify.annotations.NullMarked;
