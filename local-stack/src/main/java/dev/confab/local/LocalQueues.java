package dev.confab.local;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.pattern.Patterns;
import org.elasticmq.NodeAddress;
import org.elasticmq.StrictSQSLimits$;
import org.elasticmq.actor.QueueManagerActor;
import org.elasticmq.actor.queue.QueueEvent;
import org.elasticmq.persistence.sql.SqlQueuePersistenceActor;
import org.elasticmq.persistence.sql.SqlQueuePersistenceConfig;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import org.elasticmq.util.NowProvider;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.collection.immutable.List$;
import scala.jdk.javaapi.FutureConverters;

/** SQS on this machine: ElasticMQ, in this JVM, in memory or in a folder. Thread-safe. */
final class LocalQueues implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

  private final ActorSystem actors;
  private final SQSRestServer server;
  private final int port;

  private LocalQueues(ActorSystem actors, SQSRestServer server) {
    this.actors = actors;
    this.server = server;
    this.port = server.waitUntilStarted().localAddress().getPort();
  }

  /**
   * Starts it.
   *
   * @param port where to listen; 0 for any free one
   * @param data where letters outlive the process; null keeps them in memory
   */
  static LocalQueues start(int port, String region, @Nullable Path data) {
    ActorSystem actors = ActorSystem.create("elasticmq");
    try {
      Option<ActorRef> persistence =
          data == null ? Option.empty() : Option.apply(persistence(actors, data));
      ActorRef queues =
          actors.actorOf(
              Props.create(
                  QueueManagerActor.class,
                  () ->
                      new QueueManagerActor(
                          new NowProvider(), StrictSQSLimits$.MODULE$, persistence)));
      if (persistence.isDefined()) {
        Patterns.ask(persistence.get(), new QueueEvent.Restore(queues), START_TIMEOUT)
            .toCompletableFuture()
            .join();
      }
      return new LocalQueues(
          actors,
          SQSRestServerBuilder.withActorSystem(actors)
              .withQueueManagerActor(queues)
              .withInterface("127.0.0.1")
              .withPort(port)
              .withServerAddress(new NodeAddress("http", "localhost", port, ""))
              .withAWSRegion(region)
              .start());
    } catch (RuntimeException failed) {
      actors.terminate();
      throw failed;
    }
  }

  /** H2 writes half a second behind by default; a letter that SQS took must outlive a kill. */
  private static ActorRef persistence(ActorSystem actors, Path data) {
    SqlQueuePersistenceConfig config =
        new SqlQueuePersistenceConfig(
            true,
            "org.h2.Driver",
            "jdbc:h2:file:" + data.toAbsolutePath().resolve("queues") + ";WRITE_DELAY=0",
            "",
            "",
            false);
    return actors.actorOf(
        Props.create(
            SqlQueuePersistenceActor.class,
            () -> new SqlQueuePersistenceActor(config, List$.MODULE$.empty())));
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    server.stopAndWait();
    FutureConverters.asJava(actors.terminate()).toCompletableFuture().join();
  }
}
