package dev.confab.replay;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which queues and stream to work on, and how to talk. */
final class Target {
  static final String DEFAULT_AUDIT = "confab-replay-audit.jsonl";

  @Option(
      names = "--stack",
      paramLabel = "NAME",
      defaultValue = "confab",
      description = "Stack from which the names below come. Default: ${DEFAULT-VALUE}.")
  String stack = "confab";

  @Option(
      names = "--persist-queue",
      paramLabel = "NAME|URL",
      description = "persist's dead-letter queue. Default: <stack>-persist-dlq.")
  @Nullable String persistQueue;

  @Option(
      names = "--fanout-queue",
      paramLabel = "NAME|URL",
      description = "The fan-out's dead-letter queue. Default: <stack>-fanout-dlq.")
  @Nullable String fanoutQueue;

  @Option(
      names = "--stream",
      paramLabel = "NAME",
      description = "Stream that letters came from and go back to. Default: <stack>.")
  @Nullable String stream;

  @Option(
      names = "--region",
      paramLabel = "REGION",
      description =
          "AWS region. Default: AWS_REGION, else the profile's. AWS_ENDPOINT_URL_SQS and"
              + " AWS_ENDPOINT_URL_KINESIS name other endpoints, such as the local stack's.")
  @Nullable String region;

  @Option(
      names = "--audit",
      paramLabel = "FILE",
      defaultValue = DEFAULT_AUDIT,
      description =
          "File to which who did what, when and with what result is appended, in JSON lines."
              + " Default: ${DEFAULT-VALUE}.")
  Path audit = Path.of(DEFAULT_AUDIT);

  @Option(names = "--json", description = "Write JSON lines for machines instead of text.")
  boolean json;

  String queue(Stage stage) {
    String named =
        switch (stage) {
          case PERSIST -> persistQueue;
          case FANOUT -> fanoutQueue;
        };
    return named == null ? stack + "-" + stage.word() + "-dlq" : named;
  }

  String streamName() {
    return stream == null ? stack : stream;
  }
}
