package dev.confab.local.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The static files: {@code /page/} on the class path. Thread-safe. */
final class Page {
  private static final String FOLDER = "/page";
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "json", "application/json",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon");

  private Page() {}

  /**
   * The file at a path, or null.
   *
   * @param path decoded; {@code /} is {@code /index.html}
   */
  static HttpRoute.@Nullable Reply read(String path) throws IOException {
    String file = path.equals("/") ? "/index.html" : path;
    // Plain names only: nothing outside the folder is reachable.
    if (!file.matches("(/[A-Za-z0-9_-]+)*/[A-Za-z0-9_-]+(\\.[a-z0-9]+)+")) {
      return null;
    }
    String type = TYPES.get(file.substring(file.lastIndexOf('.') + 1));
    if (type == null) {
      return null;
    }
    try (InputStream content = Page.class.getResourceAsStream(FOLDER + file)) {
      return content == null ? null : new HttpRoute.Reply(200, type, content.readAllBytes());
    }
  }
}
