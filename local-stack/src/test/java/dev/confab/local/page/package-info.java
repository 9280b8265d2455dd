/** Tests of the chat page. Fields that a test's setup fills are null before it. */
@NullUnmarked
package dev.confab.local.page;

import org.jspecify.annotations.NullUnmarked;
