package dev.confab.kinesis;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Amazon Kinesis Data Streams inside this JVM, on localhost over HTTP/1.1, for the AWS SDKs, the
 * CLI and KCL.
 *
 * <pre>{@code
 * try (LocalKinesis kinesis = LocalKinesis.builder().start()) {
 *   kinesis.ensureStream("orders", 2);
 *   KinesisAsyncClient client = KinesisAsyncClient.builder().endpointOverride(kinesis.endpoint())
 *       .httpClient(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1).build()) ...
 * }
 * }</pre>
 *
 * <p>Records are on the heap for as long as their stream retains them, 24 hours unless told
 * otherwise: data, key and about 100 bytes each. Streams and consumers are ACTIVE at once, and a
 * reshard is done when its call returns. Credentials are not looked at. What AWS limits by account
 * (calls of the control plane a second, shards in all) is not limited; what it limits by shard is,
 * unless {@link Builder#shardLimits} says no.
 *
 * <p>Thread-safe.
 */
public final class LocalKinesis implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalKinesis.class);

  private static final Duration TRIM_INTERVAL = Duration.ofMinutes(1);

  private final Settings settings;
  private final Streams streams;
  private final Faults faults;
  private final HttpFront front;
  private final ScheduledExecutorService janitor;

  private LocalKinesis(Builder options) throws IOException {
    settings = new Settings(options.account, options.region, options.clock, options.shardLimits);
    streams = openStreams(settings, options);
    Subscriptions subscriptions = new Subscriptions(settings, options.subscriptionLife);
    faults = new Faults(subscriptions::dropAll);
    try {
      front = new HttpFront(new Operations(streams, subscriptions, faults), options.port);
    } catch (IOException notListening) {
      streams.close();
      throw notListening;
    }
    janitor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("kinesis-trim").factory());
    var _ =
        janitor.scheduleWithFixedDelay(
            this::trim, TRIM_INTERVAL.toMillis(), TRIM_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Thrown on, a fault would end it for good and without a word. */
  private void trim() {
    try {
      streams.trim();
    } catch (RuntimeException fault) {
      LOG.warn("can't remove records that are too old; tries again in its time", fault);
    }
  }

  private static Streams openStreams(Settings settings, Builder options) throws IOException {
    if (options.dataDirectory == null) {
      return new Streams(settings, Storage.NONE);
    }
    Storage storage = new DataDirectory(options.dataDirectory, options.fsync);
    try {
      return new Streams(settings, storage);
    } catch (IOException | RuntimeException damaged) {
      storage.close();
      throw damaged;
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The port it listens on. */
  public int port() {
    return front.port();
  }

  /** What to give an SDK client as its endpoint, or the CLI as {@code --endpoint-url}. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /** What is to go wrong. */
  public Faults faults() {
    return faults;
  }

  /**
   * Makes a stream unless there is one of that name, whose shards then stay as they are.
   *
   * @param name 1 to 128 of {@code A-Z a-z 0-9 _ . -}
   * @param shards 1 to 10,000, of equal ranges of hash keys
   */
  public void ensureStream(String name, int shards) {
    if (!TextRules.STREAM_NAME.allows(name)) {
      throw new IllegalArgumentException(
          "a stream's name has 1 to 128 of A-Z a-z 0-9 _ . - and is not \"" + name + "\"");
    }
    if (shards < 1 || shards > StreamOperations.MAX_SHARDS) {
      throw new IllegalArgumentException("a stream has 1 to 10000 shards, not " + shards);
    }
    streams.ensure(name, shards);
  }

  /** In order of name. */
  public List<String> streamNames() {
    return streams.all().stream().map(DataStream::name).toList();
  }

  /** The ARN that a stream of this name has, whether there is one or not. */
  public String streamArn(String name) {
    return settings.streamArn(name);
  }

  /** Closes every connection. With a data directory, what was acked is there at the next start. */
  @Override
  public void close() {
    janitor.shutdownNow();
    front.close();
    streams.close();
  }

  /** How to start a server. Not thread-safe. */
  public static final class Builder {
    private int port;
    private Clock clock = Clock.systemUTC();
    private boolean shardLimits = true;
    private String account = "000000000000";
    private String region = "us-east-1";
    private Duration subscriptionLife = Duration.ofMinutes(5);
    private @Nullable Path dataDirectory;
    private Fsync fsync = Fsync.NEVER;

    private Builder() {}

    /** The port to listen on; 0, the default, takes a free one. */
    public Builder port(int newPort) {
      port = newPort;
      return this;
    }

    /** What decides arrival times, limits, retention and expiry; the system's clock by default. */
    public Builder clock(Clock newClock) {
      clock = newClock;
      return this;
    }

    /**
     * Whether shards have AWS's limits of throughput; they do by default. A load test may want
     * more.
     */
    public Builder shardLimits(boolean enforced) {
      shardLimits = enforced;
      return this;
    }

    /** The account in ARNs, twelve digits. */
    public Builder account(String twelveDigits) {
      if (!twelveDigits.matches("\\d{12}")) {
        throw new IllegalArgumentException("an account has twelve digits, not " + twelveDigits);
      }
      account = twelveDigits;
      return this;
    }

    /** The region in ARNs; us-east-1 by default. */
    public Builder region(String newRegion) {
      region = newRegion;
      return this;
    }

    /** How long a SubscribeToShard lasts; five minutes by default, as in AWS. */
    public Builder subscriptionLife(Duration life) {
      subscriptionLife = life;
      return this;
    }

    /**
     * Where to keep streams, consumers and records, so that they are there after a restart: nowhere
     * by default. The directory is made if need be, and is for one server at a time.
     */
    public Builder dataDirectory(Path directory) {
      dataDirectory = directory;
      return this;
    }

    /** When what is kept is forced to the disk; never by default. */
    public Builder fsync(Fsync policy) {
      fsync = policy;
      return this;
    }

    /**
     * Starts a server.
     *
     * @throws IOException if the port is taken, or the data directory is in use or damaged
     */
    public LocalKinesis start() throws IOException {
      return new LocalKinesis(this);
    }
  }
}
