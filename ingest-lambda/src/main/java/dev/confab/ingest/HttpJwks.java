package dev.confab.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** The issuer's keys by HTTP. Follows no redirect, reads no more than it must, waits not long. */
final class HttpJwks implements Jwks {
  /** Of the whole answer. Large issuers serve some 5 KB. */
  static final int MAX_BYTES = 256 * 1024;

  /** To connect, and between two bytes. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** Of the whole answer, so that one that drips doesn't hold the authorizer. */
  private static final Duration TOTAL_TIMEOUT = Duration.ofSeconds(5);

  private final URI address;
  private final Clock clock;

  HttpJwks(URI address, Clock clock) {
    this.address = address;
    this.clock = clock;
  }

  @Override
  public String fetch() throws IOException {
    Instant giveUp = clock.instant().plus(TOTAL_TIMEOUT);
    HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
    connection.setConnectTimeout((int) TIMEOUT.toMillis());
    connection.setReadTimeout((int) TIMEOUT.toMillis());
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setRequestProperty("Accept", "application/json");
    try {
      int status = connection.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException("the keys' address answered " + status);
      }
      try (InputStream body = connection.getInputStream()) {
        return read(body, giveUp);
      }
    } finally {
      connection.disconnect();
    }
  }

  private String read(InputStream body, Instant giveUp) throws IOException {
    byte[] bytes = new byte[MAX_BYTES + 1];
    int size = 0;
    while (size <= MAX_BYTES) {
      if (clock.instant().isAfter(giveUp)) {
        throw new IOException("the keys' address took longer than " + TOTAL_TIMEOUT);
      }
      int read = body.read(bytes, size, bytes.length - size);
      if (read < 0) {
        return new String(bytes, 0, size, StandardCharsets.UTF_8);
      }
      size += read;
    }
    throw new IOException("the keys' address answered more than " + MAX_BYTES + " bytes");
  }
}
