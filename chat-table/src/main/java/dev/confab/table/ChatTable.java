package dev.confab.table;

/** The one table, by what it holds. Safe for use by several threads. */
public interface ChatTable {
  Messages messages();

  Subscriptions subscriptions();

  Members members();

  Chats chats();

  Connections connections();

  Users users();
}
