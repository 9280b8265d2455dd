/** Says from what was seen of a run whether the guarantees held. Reads and writes nothing. */
@NullMarked
package dev.confab.load.check;

import org.jspecify.annotations.NullMarked;
