package dev.confab.replay;

import dev.confab.events.DeadLetterCodec;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * Measures {@code run --execute} beside bare loops of ReceiveMessage, PutRecords and
 * DeleteMessageBatch: the same letters in the same queue and stream, by the same SDK clients, in
 * turns. A bare loop decides nothing, keeps nothing alive, and writes no audit file.
 *
 * <p>Arguments: letters (10000), chats (200), rounds (5). Two rounds before warm up and don't
 * count.
 */
final class DrainBenchmark {
  private static final int WARM_UPS = 2;
  private static final int RATE = 500;

  private final LocalServices services;
  private final List<List<String>> batches;
  private final int letters;
  private final Path folder;

  private DrainBenchmark(LocalServices services, int letters, int chats, Path folder) {
    this.services = services;
    this.letters = letters;
    this.folder = folder;
    Shards shards =
        new KinesisRecords(
                services.kinesis,
                new AwsFaults("Kinesis", "", "", "", null),
                LocalServices.STREAM,
                Thread::sleep)
            .shards();
    this.batches = new ArrayList<>();
    for (int from = 0; from < letters; from += Letters.MAX_BATCH) {
      List<String> batch = new ArrayList<>();
      for (int i = from; i < Math.min(from + Letters.MAX_BATCH, letters); i++) {
        batch.add(DeadLetterCodec.encode(TestLetters.inItsShard("chat-" + i % chats, i, shards)));
      }
      batches.add(batch);
    }
  }

  public static void main(String[] args) throws Exception {
    int letters = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
    int chats = args.length > 1 ? Integer.parseInt(args[1]) : 200;
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 5;
    Path folder = Files.createTempDirectory("drain-benchmark");
    try (LocalServices services = new LocalServices()) {
      DrainBenchmark benchmark = new DrainBenchmark(services, letters, chats, folder);
      double[] replay = new double[rounds];
      double[] bare = new double[rounds];
      double[] bareOne = new double[rounds];
      for (int round = -WARM_UPS; round < rounds; round++) {
        // Whoever comes later finds the machine warmer, so they take turns at being first.
        boolean isReplayFirst = round % 2 == 0;
        double a = isReplayFirst ? benchmark.measure(() -> benchmark.replay()) : 0;
        double b = benchmark.measure(() -> benchmark.bareLoops(Drain.Plan.LANES));
        double c = benchmark.measure(() -> benchmark.bareLoops(1));
        if (!isReplayFirst) {
          a = benchmark.measure(() -> benchmark.replay());
        }
        System.out.printf(
            "%s: replay %,.0f, %d bare loops %,.0f, 1 bare loop %,.0f letters/s%n",
            round < 0 ? "warm-up" : "round " + round, a, Drain.Plan.LANES, b, c);
        if (round >= 0) {
          replay[round] = a;
          bare[round] = b;
          bareOne[round] = c;
        }
      }
      System.out.printf(
          "median of %d rounds, %,d letters over %d chats: replay %,.0f letters/s;"
              + " %.2f of %d bare loops (%,.0f), %.2f of one (%,.0f)%n",
          rounds,
          letters,
          chats,
          median(replay),
          median(replay) / median(bare),
          Drain.Plan.LANES,
          median(bare),
          median(replay) / median(bareOne),
          median(bareOne));
      double paced = benchmark.measure(() -> benchmark.replay("--rate=" + RATE));
      System.out.printf("with --rate=%d: %,.1f letters/s%n", RATE, paced);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Letters a second, from a full queue to an empty one. */
  private double measure(Runnable drain) {
    services.clear();
    SqsLetters queue = services.letters(Stage.PERSIST);
    for (List<String> batch : batches) {
      queue.send(batch);
    }
    long start = System.nanoTime();
    drain.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    int put = services.records().size();
    if (put != letters || queue.depth().visible() + queue.depth().inHand() != 0) {
      throw new IllegalStateException("drained " + put + " of " + letters);
    }
    return letters / seconds;
  }

  private void replay(String... options) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "run", "--execute", "--stage=persist", "--audit=" + folder.resolve("audit.jsonl")));
    args.addAll(List.of(options));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      int code =
          Replay.execute(
              args.toArray(String[]::new),
              new World(
                  new PrintWriter(Writer.nullWriter()),
                  new PrintWriter(Writer.nullWriter()),
                  new BufferedReader(new StringReader("")),
                  false,
                  "benchmark",
                  Clock.systemUTC(),
                  Thread::sleep,
                  RandomGenerator.getDefault(),
                  UUID::randomUUID,
                  threads,
                  new Stop(),
                  target -> new AwsServices(target, services.environment(), Thread::sleep)));
      if (code != Exit.DONE) {
        throw new IllegalStateException("exit code " + code);
      }
    }
  }

  private void bareLoops(int loops) {
    String url =
        services
            .sqs
            .getQueueUrl(get -> get.queueName(LocalServices.queueName(Stage.PERSIST)))
            .queueUrl();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < loops; i++) {
        running.add(threads.submit(() -> bareLoop(url)));
      }
      for (Future<?> loop : running) {
        loop.get();
      }
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  private void bareLoop(String url) {
    while (true) {
      List<Message> messages =
          services
              .sqs
              .receiveMessage(
                  r ->
                      r.queueUrl(url)
                          .maxNumberOfMessages(10)
                          .visibilityTimeout(120)
                          .waitTimeSeconds(1))
              .messages();
      if (messages.isEmpty()) {
        return;
      }
      List<PutRecordsRequestEntry> records = new ArrayList<>();
      List<DeleteMessageBatchRequestEntry> deletes = new ArrayList<>();
      for (Message message : messages) {
        records.add(
            PutRecordsRequestEntry.builder()
                .partitionKey(message.messageId())
                .data(SdkBytes.fromUtf8String(message.body()))
                .build());
        deletes.add(
            DeleteMessageBatchRequestEntry.builder()
                .id(Integer.toString(deletes.size()))
                .receiptHandle(message.receiptHandle())
                .build());
      }
      services.kinesis.putRecords(p -> p.streamName(LocalServices.STREAM).records(records));
      services.sqs.deleteMessageBatch(d -> d.queueUrl(url).entries(deletes));
    }
  }
}
