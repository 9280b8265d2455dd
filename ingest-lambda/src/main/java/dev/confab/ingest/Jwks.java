package dev.confab.ingest;

import java.io.IOException;

/** Where an issuer serves its public keys, a JSON Web Key Set. Thread-safe. */
@FunctionalInterface
interface Jwks {

  /**
   * Fetches the set, unparsed.
   *
   * @throws IOException if it can't be had, with a message that says why
   */
  String fetch() throws IOException;
}
