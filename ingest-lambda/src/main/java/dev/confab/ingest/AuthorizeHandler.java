package dev.confab.ingest;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.Map;
import org.crac.Core;
import org.jspecify.annotations.Nullable;

/**
 * The REQUEST authorizer of {@code $connect}: an IAM policy that allows the route, or denies it
 * (403) to a page of another origin; {@link UnauthorizedException} (401) without a good token. With
 * no keys to judge by it fails otherwise, which gives 500: the client tries again later.
 *
 * <p>Thread-safe.
 */
public final class AuthorizeHandler implements RequestStreamHandler {
  private static final int NOBODYS_SIGNATURE_BYTES = 256;

  private final Authorizer authorizer;
  private final AuthorizerConfig config;
  private final Clock clock;

  /** Held here, since whoever tells of the snapshot holds it weakly. */
  private @Nullable Priming priming;

  /** For Lambda. */
  public AuthorizeHandler() {
    this(System.getenv());
    priming = priming();
    Core.getGlobalContext().register(priming);
  }

  /**
   * For whoever hosts it elsewhere.
   *
   * @param environment JWT_ISSUER, JWT_AUDIENCE, JWKS_URL, ALLOWED_ORIGINS and optionally
   *     JWT_ALGORITHM, as {@code docs/} describes them
   * @throws IllegalArgumentException with a line for each variable that is missing or wrong
   */
  public AuthorizeHandler(Map<String, String> environment) {
    this(AuthorizerConfig.from(environment), Clock.systemUTC());
  }

  private AuthorizeHandler(AuthorizerConfig config, Clock clock) {
    this(config, new HttpJwks(config.jwksUrl(), clock), clock);
  }

  AuthorizeHandler(AuthorizerConfig config, Jwks jwks, Clock clock) {
    SigningKeys keys = new SigningKeys(jwks, config.algorithm(), clock);
    this.config = config;
    this.clock = clock;
    this.authorizer = new Authorizer(config, new Tokens(config, keys, clock));
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    Log log = new Log(context, clock);
    AuthorizerRequest request;
    try {
      request = AuthorizerRequest.parse(input.readNBytes(WebSocketEvent.MAX_EVENT_BYTES + 1));
    } catch (InvalidJsonException notAnEvent) {
      log.line(
          LogLevel.WARN,
          "unauthorized",
          json -> json.writeStringField("reason", notAnEvent.getMessage()));
      throw new UnauthorizedException();
    }
    String answer = answer(request, log);
    output.write(answer.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A token of the issuer's look that nobody signed, so that its keys are asked for; and, to
   * rehearse, tokens that are good.
   */
  Priming priming() {
    String unsigned = nobodysToken(config.algorithm().getName());
    return new Priming(() -> this, (_, _) -> connect(unsigned), this::rehearsal, clock);
  }

  private Priming.Rehearsal rehearsal() {
    NobodysIssuer issuer = new NobodysIssuer(config);
    return new Priming.Rehearsal(
        new AuthorizeHandler(config, issuer, clock),
        (userId, now) -> connect(issuer.token(userId, now)),
        "{\"principalId\":\"" + Priming.NOBODY);
  }

  private static String connect(String token) {
    return JsonText.object(
        json -> {
          json.writeStringField("methodArn", Priming.NOBODY);
          json.writeObjectFieldStart("queryStringParameters");
          json.writeStringField("token", token);
          json.writeEndObject();
        });
  }

  private static String nobodysToken(String algorithm) {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String header = "{\"alg\":\"%s\",\"kid\":\"%s\"}".formatted(algorithm, Priming.NOBODY);
    return base64.encodeToString(header.getBytes(StandardCharsets.UTF_8))
        + "."
        + base64.encodeToString("{}".getBytes(StandardCharsets.UTF_8))
        + "."
        + base64.encodeToString(new byte[NOBODYS_SIGNATURE_BYTES]);
  }

  private String answer(AuthorizerRequest request, Log log) {
    return switch (authorizer.decide(request)) {
      case Authorizer.Allowed allowed ->
          policy(
              request.methodArn(),
              "Allow",
              new Principal(allowed.userId(), allowed.name(), allowed.expiresAt()));
      case Authorizer.OriginRefused(String reason) -> {
        refused(log, "forbidden", reason, request);
        yield policy(request.methodArn(), "Deny", null);
      }
      case Authorizer.Unauthorized(String reason) -> {
        refused(log, "unauthorized", reason, request);
        throw new UnauthorizedException();
      }
    };
  }

  private static void refused(Log log, String event, String reason, AuthorizerRequest request) {
    log.line(
        LogLevel.INFO,
        event,
        json -> {
          json.writeStringField("reason", reason);
          json.writeStringField("connectionId", request.connectionId());
        });
  }

  private static String policy(String methodArn, String effect, @Nullable Principal principal) {
    return JsonText.object(
        json -> {
          json.writeStringField(
              "principalId", principal == null ? "refused" : principal.userId().value());
          json.writeObjectFieldStart("policyDocument");
          json.writeStringField("Version", "2012-10-17");
          json.writeArrayFieldStart("Statement");
          json.writeStartObject();
          json.writeStringField("Action", "execute-api:Invoke");
          json.writeStringField("Effect", effect);
          json.writeArrayFieldStart("Resource");
          json.writeString(methodArn);
          json.writeEndArray();
          json.writeEndObject();
          json.writeEndArray();
          json.writeEndObject();
          if (principal != null) {
            json.writeObjectFieldStart("context");
            principal.write(json);
            json.writeEndObject();
          }
        });
  }
}
