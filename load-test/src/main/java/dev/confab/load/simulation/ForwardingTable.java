package dev.confab.load.simulation;

import dev.confab.table.ChatTable;
import dev.confab.table.Chats;
import dev.confab.table.Connections;
import dev.confab.table.Members;
import dev.confab.table.Messages;
import dev.confab.table.Subscriptions;
import dev.confab.table.Users;

/** Hands every call on; a subclass changes some. */
class ForwardingTable implements ChatTable {
  private final ChatTable to;

  ForwardingTable(ChatTable to) {
    this.to = to;
  }

  @Override
  public Messages messages() {
    return to.messages();
  }

  @Override
  public Subscriptions subscriptions() {
    return to.subscriptions();
  }

  @Override
  public Members members() {
    return to.members();
  }

  @Override
  public Chats chats() {
    return to.chats();
  }

  @Override
  public Connections connections() {
    return to.connections();
  }

  @Override
  public Users users() {
    return to.users();
  }
}
