package dev.confab.local.gateway;

/**
 * Where an authorizer's client shows who it is: {@code route.request.header.<name>} or {@code
 * route.request.querystring.<name>}.
 */
record IdentitySource(boolean header, String name) {
  private static final String HEADER = "route.request.header.";
  private static final String QUERY = "route.request.querystring.";

  static IdentitySource parse(String expression) {
    if (expression.startsWith(HEADER) && expression.length() > HEADER.length()) {
      return new IdentitySource(true, expression.substring(HEADER.length()));
    }
    if (expression.startsWith(QUERY) && expression.length() > QUERY.length()) {
      return new IdentitySource(false, expression.substring(QUERY.length()));
    }
    throw new IllegalArgumentException(
        "identity source '"
            + expression
            + "' is not supported locally; use "
            + HEADER
            + "<name> or "
            + QUERY
            + "<name>");
  }

  boolean isIn(ConnectRequest request) {
    String value = header ? request.header(name) : request.query(name);
    return value != null && !value.isEmpty();
  }
}
