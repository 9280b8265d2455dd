package dev.confab.local.template;

/** The template can't be run locally; the message is one line that says where and why. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  TemplateException(String message) {
    super(message);
  }
}
