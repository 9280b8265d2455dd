package dev.confab.local;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.confab.local.gateway.Authorizer;
import dev.confab.local.gateway.LambdaFunction;
import dev.confab.local.gateway.Route;
import dev.confab.local.gateway.Throttle;
import dev.confab.local.gateway.WebSocketApi;
import dev.confab.local.template.Template;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts the template's functions, each made once, behind the gateway's routes. */
public final class Functions {
  private Functions() {}

  /**
   * Makes every function that the API's routes and authorizer name.
   *
   * @param environment what Lambda would add to each function's own variables, such as {@code
   *     AWS_REGION} and where the services are; a function's own win
   * @param throttled whether the stage's throttling holds; load tests want it off
   * @throws IllegalArgumentException names a handler that can't be made, and says why
   */
  public static WebSocketApi api(
      Template template, Map<String, String> environment, boolean throttled) {
    Map<String, LambdaFunction> functions = new HashMap<>();
    template
        .functions()
        .forEach((id, function) -> functions.put(id, function(function, environment)));
    Map<String, Route> routes = new LinkedHashMap<>();
    template
        .api()
        .routes()
        .forEach(
            (key, route) ->
                routes.put(
                    key,
                    new Route(
                        within(get(functions, route.function()), route.integrationTimeout()),
                        route.twoWay(),
                        throttled ? throttle(route) : null)));
    Authorizer authorizer =
        template
            .api()
            .authorizer()
            .map(named -> new Authorizer(get(functions, named.function()), named.identitySources()))
            .orElse(null);
    return new WebSocketApi(template.api().actionField(), routes, authorizer);
  }

  private static LambdaFunction get(Map<String, LambdaFunction> functions, String id) {
    LambdaFunction function = functions.get(id);
    if (function == null) {
      throw new IllegalArgumentException("the template has no function " + id);
    }
    return function;
  }

  private static LambdaFunction within(LambdaFunction function, Optional<Duration> timeout) {
    return timeout.isPresent() && timeout.get().compareTo(function.timeout()) < 0
        ? new LambdaFunction(function.name(), function.handler(), timeout.get())
        : function;
  }

  private static @Nullable Throttle throttle(Template.Route route) {
    return route
        .rateLimit()
        .map(limit -> new Throttle(limit.perSecond(), limit.burst()))
        .orElse(null);
  }

  private static LambdaFunction function(
      Template.Function function, Map<String, String> environment) {
    Map<String, String> variables = new HashMap<>(environment);
    variables.putAll(function.environment());
    return new LambdaFunction(function.name(), handler(function, variables), function.timeout());
  }

  /** By the constructor that takes the environment, since this JVM has one for all functions. */
  private static RequestStreamHandler handler(
      Template.Function function, Map<String, String> environment) {
    String problem;
    Throwable cause;
    try {
      return Class.forName(function.handlerClass())
          .asSubclass(RequestStreamHandler.class)
          .getConstructor(Map.class)
          .newInstance(environment);
    } catch (ClassNotFoundException missing) {
      problem = "no such class is on the class path";
      cause = missing;
    } catch (ClassCastException other) {
      problem = "is not a RequestStreamHandler";
      cause = other;
    } catch (NoSuchMethodException missing) {
      problem = "has no public constructor that takes a Map<String, String>";
      cause = missing;
    } catch (InvocationTargetException thrown) {
      problem = "could not be made: " + thrown.getCause();
      cause = thrown;
    } catch (ReflectiveOperationException unusable) {
      problem = "could not be made: " + unusable;
      cause = unusable;
    }
    throw new IllegalArgumentException(
        function.logicalId() + ": handler " + function.handlerClass() + " " + problem, cause);
  }
}
