package dev.confab.kinesis;

import dev.confab.kinesis.Input.TextRule;
import java.util.regex.Pattern;

/** What the texts in requests may be, from the service's model. */
final class TextRules {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]+");

  static final TextRule STREAM_NAME = new TextRule(1, 128, NAME);
  static final TextRule SHARD_ID = new TextRule(1, 128, NAME);
  static final TextRule CONSUMER_NAME = new TextRule(1, 128, NAME);
  static final TextRule STREAM_ARN =
      new TextRule(1, 2048, Pattern.compile("arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+"));
  static final TextRule CONSUMER_ARN =
      new TextRule(
          1,
          2048,
          Pattern.compile(
              "^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+"));
  static final TextRule PARTITION_KEY = new TextRule(1, 256, null);
  static final TextRule HASH_KEY = new TextRule(0, 39, Pattern.compile("0|([1-9]\\d{0,38})"));
  static final TextRule SEQUENCE_NUMBER =
      new TextRule(0, 129, Pattern.compile("0|([1-9]\\d{0,128})"));
  static final TextRule SHARD_ITERATOR = new TextRule(1, 512, null);
  static final TextRule NEXT_TOKEN = new TextRule(1, 1_048_576, null);

  private TextRules() {}
}
