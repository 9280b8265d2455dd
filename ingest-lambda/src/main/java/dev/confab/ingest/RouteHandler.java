package dev.confab.ingest;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import org.crac.Core;
import org.jspecify.annotations.Nullable;

/**
 * A function behind some of the API's routes. Each of its subclasses answers every event alike, so
 * that one on the wrong route still gets its right answer; they are apart to be scaled, watched and
 * permitted apart.
 *
 * <p>Thread-safe, although Lambda gives an environment one event at a time. Streams, not an event's
 * POJO: that alone would cost a cold start half a second.
 *
 * <p>Public, for a template that names the method beside the class: Lambda's runtime then calls
 * {@code handleRequest} by reflection on the class that declares it, which must be public.
 */
public abstract class RouteHandler implements RequestStreamHandler {
  private final Routes routes;

  /** Held here, since whoever tells of the snapshot holds it weakly. */
  private @Nullable Priming priming;

  RouteHandler(Routes routes) {
    this.routes = routes;
  }

  /**
   * What to do before a snapshot of this function.
   *
   * @param environment as this one's
   * @param harmless an event that changes nothing
   * @param rehearsed what its clients wait for
   * @param success how the answer to {@code rehearsed} begins
   */
  final Priming priming(
      Map<String, String> environment,
      Priming.Event harmless,
      Priming.Event rehearsed,
      String success) {
    return new Priming(
        () -> new Rehearsing(Ingest.routes(environment)),
        harmless,
        () ->
            new Priming.Rehearsal(
                new Rehearsing(Ingest.rehearsal(environment)), rehearsed, success),
        Clock.systemUTC());
  }

  /** Stands in for this function in a rehearsal: all answer alike. */
  private static final class Rehearsing extends RouteHandler {
    Rehearsing(Routes routes) {
      super(routes);
    }
  }

  /** For Lambda: has it done before the snapshot. */
  final void handleBeforeSnapshot(Priming primed) {
    priming = primed;
    Core.getGlobalContext().register(priming);
  }

  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    byte[] event = input.readNBytes(WebSocketEvent.MAX_EVENT_BYTES + 1);
    output.write(routes.answer(event, context).getBytes(StandardCharsets.UTF_8));
  }
}
