package dev.confab.ingest;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
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
 * <p>Public, since Lambda's runtime calls {@code handleRequest} by reflection on the class that
 * declares it: it may not where that class is not public.
 */
public abstract class RouteHandler implements RequestStreamHandler {
  private final Routes routes;
  final Runnable primeStream;

  /** Held here, since whoever tells of the snapshot holds it weakly. */
  private @Nullable Priming priming;

  RouteHandler(Routes routes) {
    this(routes, () -> {});
  }

  RouteHandler(Ingest.Parts parts) {
    this(parts.routes(), parts.stream()::prime);
  }

  private RouteHandler(Routes routes, Runnable primeStream) {
    this.routes = routes;
    this.primeStream = primeStream;
  }

  /** For Lambda: has it handled before the snapshot. */
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
