/** {@code sendMessage} as most people would write it first. Only for comparison: nobody runs it. */
@NullMarked
package dev.confab.naive;

import org.jspecify.annotations.NullMarked;
