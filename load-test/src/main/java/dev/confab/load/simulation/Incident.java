package dev.confab.load.simulation;

/** What befell a run. */
public enum Incident {
  /** A process died: by itself between two of its calls, or killed. */
  CRASH,
  /** A process stood still and woke up, perhaps as a zombie. */
  FREEZE,
  /** A shard moved while its owner worked, who learned of it later. */
  LEASE_MOVED,
  /** A worker was asked to stop, and another started. */
  RESTART,
  /** A checkpoint was refused: the lease was another's. */
  CHECKPOINT_REFUSED,
  SPLIT,
  MERGE,
  /** The table, a queue, the stream or the endpoint was down for a while. */
  OUTAGE,
  /** A batch was written in part. */
  PARTIAL_BATCH,
  /** A letter was put back on the stream. */
  REPLAY,
  /** A letter was put back and not deleted. */
  REPLAY_KILLED,
  /** A client lost its socket. */
  DISCONNECT,
  /** A member was removed or left. */
  REMOVAL,
  /** A producer put an aggregate, good or malformed. */
  AGGREGATE,
  /** A producer put what is no message of its chat, or not where it belongs. */
  POISON
}
