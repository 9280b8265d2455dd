package dev.confab.ingest;

/**
 * Refuses a connection with 401. API Gateway knows it by its message alone: a Lambda authorizer
 * that fails with exactly {@code Unauthorized} gives 401, with anything else 500.
 */
public final class UnauthorizedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnauthorizedException() {
    // Without a stack trace: anyone can cause one, and Lambda logs it.
    super("Unauthorized", null, false, false);
  }
}
