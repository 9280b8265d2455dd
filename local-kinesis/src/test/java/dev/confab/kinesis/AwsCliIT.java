package dev.confab.kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The AWS CLI, as a person at a prompt would use it; skipped where there is none. */
final class AwsCliIT {
  @TempDir private Path directory;

  @Test
  void putsAndReadsARecord() throws Exception {
    assumeTrue(hasCli(), "the AWS CLI is not tried: there is none");
    try (LocalKinesis server = LocalKinesis.builder().start()) {
      server.ensureStream("stream", 1);
      byte[] everyByte = new byte[256];
      for (int i = 0; i < everyByte.length; i++) {
        everyByte[i] = (byte) i;
      }
      Path data = Files.write(directory.resolve("data"), everyByte);

      // A file of bytes is the one way to give data that versions 1 and 2 understand alike.
      String put = aws(server, "put-record", "--partition-key", "k", "--data", "fileb://" + data);
      String iterator =
          aws(
                  server,
                  "get-shard-iterator",
                  "--shard-id",
                  "shardId-000000000000",
                  "--shard-iterator-type",
                  "TRIM_HORIZON",
                  "--query",
                  "ShardIterator",
                  "--output",
                  "text")
              .strip();
      String records = run(server, List.of("get-records", "--shard-iterator", iterator));

      assertThat(put).contains("\"ShardId\": \"shardId-000000000000\"");
      assertThat(records)
          .contains(java.util.Base64.getEncoder().encodeToString(everyByte))
          .contains("\"PartitionKey\": \"k\"");
    }
  }

  private static boolean hasCli() throws InterruptedException {
    try {
      return new ProcessBuilder("aws", "--version").start().waitFor() == 0;
    } catch (IOException none) {
      return false;
    }
  }

  private static String aws(LocalKinesis server, String command, String... arguments)
      throws Exception {
    List<String> all = new ArrayList<>(List.of(command, "--stream-name", "stream"));
    all.addAll(List.of(arguments));
    return run(server, all);
  }

  private static String run(LocalKinesis server, List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("aws", "kinesis"));
    command.addAll(arguments);
    command.addAll(List.of("--endpoint-url", server.endpoint().toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "AWS_ACCESS_KEY_ID", "local",
                "AWS_SECRET_ACCESS_KEY", "local",
                "AWS_DEFAULT_REGION", "us-east-1",
                "AWS_PAGER", ""));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
