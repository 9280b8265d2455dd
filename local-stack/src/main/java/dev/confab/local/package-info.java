/** The whole system in one JVM: embedded services, a WebSocket gateway, the chat page. */
@NullMarked
package dev.confab.local;

import org.jspecify.annotations.NullMarked;
