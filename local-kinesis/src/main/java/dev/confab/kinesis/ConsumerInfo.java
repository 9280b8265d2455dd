package dev.confab.kinesis;

/**
 * A consumer registered for enhanced fan-out.
 *
 * @param name unique within its stream
 * @param arn names the stream, the consumer and the second it was registered
 * @param createdMillis when it was registered, in milliseconds since 1970
 */
record ConsumerInfo(String name, String arn, long createdMillis) {}
