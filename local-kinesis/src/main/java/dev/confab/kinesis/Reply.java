package dev.confab.kinesis;

import java.io.IOException;

/** Writes the members of an answer, which is an object. */
interface Reply {
  /** An answer without members. AWS sends no body at all; an empty object is read alike. */
  Reply EMPTY = _ -> {};

  void writeTo(Fields out) throws IOException;
}
