package dev.confab.kinesis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * Compares how many records {@link LocalKinesis} and {@code kinesis-local} take in a second, each
 * in a process of its own, in turns, so that a busy machine is as busy for both. The client is a
 * bare socket a connection: it is the servers that are measured. Run by {@code mvn -pl
 * local-kinesis test-compile exec:exec@benchmark}.
 */
final class KinesisBenchmark {
  private static final AtomicInteger STREAMS = new AtomicInteger();
  private static final int SHARDS = 4;
  private static final int CONNECTIONS = 16;
  private static final int ROUNDS = 5;
  private static final long ROUND_NANOS = 4_000_000_000L;
  private static final int DATA_BYTES = 200;
  private static final int BATCH = 100;

  private KinesisBenchmark() {}

  /** The two servers' rates in one round, in records a second. */
  private record Round(double ours, double theirs) {
    double ratio() {
      return ours / theirs;
    }
  }

  public static void main(String[] arguments) throws Exception {
    KinesisContract.Endpoint node = NodeKinesis.startOrSkip();
    try (ServerProcess local = ServerProcess.start()) {
      System.out.printf(
          "%d connections, %d bytes a record, median of %d rounds of %d s%n",
          CONNECTIONS, DATA_BYTES, ROUNDS, ROUND_NANOS / 1_000_000_000L);
      compare("PutRecord", 1, local.endpoint(), node.uri());
      compare("PutRecords of " + BATCH, BATCH, local.endpoint(), node.uri());
    } finally {
      node.stop().run();
    }
  }

  private static void compare(String name, int batch, URI ours, URI theirs) throws Exception {
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i <= ROUNDS; i++) {
      Round round = new Round(rate(ours, batch), rate(theirs, batch));
      if (i > 0) { // The first warms both up.
        rounds.add(round);
      }
    }
    rounds.sort((a, b) -> Double.compare(a.ratio(), b.ratio()));
    Round median = rounds.get(ROUNDS / 2);
    System.out.printf(
        "%-18s LocalKinesis %,9.0f records/s   kinesis-local %,7.0f records/s   ratio %.0f (%.0f to %.0f)%n",
        name,
        median.ours(),
        median.theirs(),
        median.ratio(),
        rounds.getFirst().ratio(),
        rounds.getLast().ratio());
  }

  /**
   * Puts for one round over all connections, to an empty stream: kinesis-local slows as one fills.
   */
  private static double rate(URI server, int batch) throws Exception {
    String stream = "benchmark-" + STREAMS.incrementAndGet();
    try (KinesisClient client = Clients.sync(server)) {
      client.createStream(r -> r.streamName(stream).shardCount(SHARDS));
      await().atMost(Duration.ofSeconds(20)).until(() -> isActive(client, stream));
      double rate = rateOfPuts(server, stream, batch);
      client.deleteStream(r -> r.streamName(stream));
      return rate;
    }
  }

  private static boolean isActive(KinesisClient client, String stream) {
    return client
            .describeStreamSummary(r -> r.streamName(stream))
            .streamDescriptionSummary()
            .streamStatus()
        == StreamStatus.ACTIVE;
  }

  private static double rateOfPuts(URI server, String name, int batch) throws Exception {
    long start = System.nanoTime();
    long requests = 0;
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        byte[] request = request(server, name, batch, i);
        counts.add(clients.submit(() -> putUntilTheEnd(start, server, request)));
      }
      for (Future<Integer> count : counts) {
        requests += count.get();
      }
    }
    return requests * (double) batch * 1e9 / (System.nanoTime() - start);
  }

  private static int putUntilTheEnd(long start, URI server, byte[] request) throws IOException {
    int requests = 0;
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (System.nanoTime() - start < ROUND_NANOS) {
        out.write(request);
        readAnswer(in);
        requests++;
      }
    }
    return requests;
  }

  private static byte[] request(URI server, String name, int batch, int client) {
    String data = Base64.getEncoder().encodeToString(new byte[DATA_BYTES]);
    List<String> records =
        IntStream.range(0, batch)
            .mapToObj(
                i -> "\"PartitionKey\":\"key-%d-%d\",\"Data\":\"%s\"".formatted(client, i, data))
            .toList();
    String stream = "{\"StreamName\":\"" + name + "\",";
    return batch == 1
        ? post(server, "PutRecord", stream + records.getFirst() + "}")
        : post(
            server,
            "PutRecords",
            stream
                + "\"Records\":["
                + records.stream().collect(Collectors.joining("},{", "{", "}"))
                + "]}");
  }

  private static byte[] post(URI server, String operation, String body) {
    List<String> lines =
        List.of(
            "POST / HTTP/1.1",
            "Host: " + server.getAuthority(),
            "X-Amz-Target: Kinesis_20131202." + operation,
            "X-Amz-Date: 20261124T020000Z",
            "Authorization: AWS4-HMAC-SHA256 Credential=local/20261124/us-east-1/kinesis/aws4_request,"
                + " SignedHeaders=host, Signature=00",
            "Content-Type: application/x-amz-json-1.1",
            "Content-Length: " + body.length(),
            "",
            body);
    return String.join("\r\n", lines).getBytes(US_ASCII);
  }

  private static void readAnswer(InputStream in) throws IOException {
    String status = readLine(in);
    if (!status.startsWith("HTTP/1.1 200")) {
      throw new IOException("answered " + status);
    }
    int length = 0;
    for (String line = readLine(in); !line.isEmpty(); line = readLine(in)) {
      String[] parts = line.split(":", 2);
      if (parts[0].equalsIgnoreCase("content-length")) {
        length = Integer.parseInt(parts[1].trim());
      }
    }
    in.skipNBytes(length);
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection was closed");
      }
      line.append((char) next);
    }
    return line.toString().trim();
  }
}
