package dev.confab.local;

/** x */
public final class LocalStack implements AutoCloseable {
  static final String STAGE = "local";
  static final String TOKEN_PATH = "/token";

  static LocalStack start(LocalOptions options, java.util.function.Consumer<String> progress) {
    return new LocalStack();
  }

  static String tokenIn(String body) {
    return body;
  }

  String addresses() {
    return "";
  }

  @Override
  public void close() {}
}
