package dev.confab.table;

/** The name of every attribute in the table. */
final class Attributes {
  static final String PK = "PK";
  static final String SK = "SK";
  static final String INDEX = "GSI1";
  static final String INDEX_PK = "GSI1PK";
  static final String INDEX_SK = "GSI1SK";

  /** When DynamoDB may drop the item: its TTL, in seconds since 1970. */
  static final String EXPIRES_AT = "expiresAt";

  /** The same exactly, in milliseconds: what readers go by. */
  static final String EXPIRES_AT_MILLIS = "expiresAtMillis";

  static final String PREV = "prev";
  static final String SENDER_ID = "senderId";
  static final String CLIENT_MESSAGE_ID = "clientMessageId";
  static final String TEXT = "text";
  static final String SENT_AT = "sentAt";
  static final String RESEND = "resend";
  static final String PARKED = "parked";
  static final String DUPLICATE_OF = "duplicateOf";

  static final String USER_ID = "userId";
  static final String GENERATION = "generation";
  static final String SINCE = "since";
  static final String UNTIL = "until";
  static final String LAST_CHANGE = "lastChange";

  static final String ROLE = "role";

  /** Of a membership that ended: who ended it. */
  static final String END_REASON = "endReason";

  static final String TITLE = "title";
  static final String ACCESS = "access";
  static final String CREATED_BY = "createdBy";
  static final String CONNECTED_AT = "connectedAt";
  static final String NAME = "name";

  private Attributes() {}
}
