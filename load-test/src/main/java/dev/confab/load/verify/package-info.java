/** Runs the whole system while it breaks, and has the checker say whether it kept its promises. */
@NullMarked
package dev.confab.load.verify;

import org.jspecify.annotations.NullMarked;
