package dev.confab.load.client;

/** How a chat's view stands to the chat. */
public enum ChatState {
  /** Nothing is held yet; the newest page is asked for. */
  LOADING,
  /** More is known to exist than is held; history is asked for it. */
  BEHIND,
  /** Everything that is known to exist is held. Not whether the connection is up. */
  CURRENT,
  /** The server refuses the chat, or the membership has ended. What is held stays readable. */
  CLOSED
}
