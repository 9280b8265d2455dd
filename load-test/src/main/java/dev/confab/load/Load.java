package dev.confab.load;

import java.time.Duration;

/**
 * What a run puts on a stack.
 *
 * @param chats how many, 1 or more
 * @param clientsPerChat connections that receive each chat, each a user of its own; they take turns
 *     in sending
 * @param messagesPerSecond over all chats
 * @param warmUp sends as the rest does, before it, and is not measured; zero or more
 * @param duration of what is measured
 * @param textBytes of each message; at least {@value #MIN_TEXT_BYTES}, which its number takes
 */
record Load(
    int chats,
    int clientsPerChat,
    double messagesPerSecond,
    Duration warmUp,
    Duration duration,
    int textBytes) {
  static final int MIN_TEXT_BYTES = 20;
  static final int MAX_TEXT_BYTES = 16 * 1024;
  static final int MAX_CONNECTIONS = 20_000;
  static final int MAX_MESSAGES = 5_000_000;

  Load {
    check("chats", chats >= 1);
    check("clients", clientsPerChat >= 1);
    check("rate", messagesPerSecond > 0);
    check("warm-up", !warmUp.isNegative());
    check("seconds", duration.isPositive());
    check("bytes", textBytes >= MIN_TEXT_BYTES && textBytes <= MAX_TEXT_BYTES);
    check("chats × clients", (long) chats * clientsPerChat <= MAX_CONNECTIONS);
    check(
        "rate × (warm-up + seconds)",
        messagesPerSecond * warmUp.plus(duration).toSeconds() <= MAX_MESSAGES);
  }

  private static void check(String name, boolean isFine) {
    if (!isFine) {
      throw new IllegalArgumentException(name + " is out of range");
    }
  }

  int connections() {
    return chats * clientsPerChat;
  }

  /** How many messages are sent in all. */
  int messages() {
    return (int)
        Math.max(1, Math.round(messagesPerSecond * warmUp.plus(duration).toMillis() / 1e3));
  }

  /**
   * Whether a message is the first of its chat. The fan-out can't say what came before it, so each
   * client asks history, after a while of its own choosing: another matter than those that follow.
   */
  boolean isFirst(int message) {
    return message < chats;
  }

  /** Whether a message comes after the warm-up. */
  boolean isMeasured(int message) {
    return dueNanos(message) >= warmUp.toNanos();
  }

  /** When a message is to be sent, since the start: whatever became of those before it. */
  long dueNanos(int message) {
    return (long) (message * 1e9 / messagesPerSecond);
  }

  int chatOf(int message) {
    return message % chats;
  }

  /** Which of all connections sends a message. */
  int senderOf(int message) {
    return chatOf(message) * clientsPerChat + message / chats % clientsPerChat;
  }

  /**
   * The message that a connection sends.
   *
   * @param count how many it has sent before
   */
  int messageOf(int sender, int count) {
    int turn = count * clientsPerChat + sender % clientsPerChat;
    return turn * chats + chatOfConnection(sender);
  }

  int chatOfConnection(int connection) {
    return connection / clientsPerChat;
  }

  String textOf(int message) {
    String number = "load " + message + " ";
    return number + "x".repeat(textBytes - number.length());
  }

  /** The number in a text, -1 where it is none of ours. */
  static int numberIn(String text) {
    int end = text.indexOf(' ', 5);
    if (!text.startsWith("load ") || end < 0) {
      return -1;
    }
    try {
      return Integer.parseInt(text, 5, end, 10);
    } catch (NumberFormatException notOurs) {
      return -1;
    }
  }
}
