package dev.confab.events;

/**
 * The name of a chat, chosen by its creator; also the partition key of everything said in it.
 *
 * @param value 1 to 64 of {@code A-Z a-z 0-9 _ -}, so that it can't forge a table key
 */
public record ChatId(String value) implements Comparable<ChatId> {
  public ChatId {
    Ids.check("chatId", value, 64, Ids::isWordOrDash);
  }

  @Override
  public int compareTo(ChatId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
