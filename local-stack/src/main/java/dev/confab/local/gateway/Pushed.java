package dev.confab.local.gateway;

/** How a push to a client went. */
enum Pushed {
  /** Handed to the connection, after everything pushed before it. Not: read by the client. */
  SENT,
  /** The connection is closing or closed. */
  GONE,
  /** The client reads too slowly: its buffer is full, and nothing was added. */
  FULL
}
