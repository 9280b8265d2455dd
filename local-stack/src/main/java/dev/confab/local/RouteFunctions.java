package dev.confab.local;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.confab.local.gateway.Authorizer;
import dev.confab.local.gateway.LambdaFunction;
import dev.confab.local.gateway.Route;
import dev.confab.local.gateway.Throttle;
import dev.confab.local.gateway.WebSocketApi;
import dev.confab.local.template.Template;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The template's functions, made as Lambda would make them, and the routes that lead to them. */
final class RouteFunctions {
  private RouteFunctions() {}

  /**
   * Makes each function once.
   *
   * @param common variables that every function sees beside its own, as Lambda's do
   * @throws StartException if a handler can't be made
   */
  static WebSocketApi of(Template template, Map<String, String> common) {
    Map<String, LambdaFunction> functions = new HashMap<>();
    template.functions().forEach((id, function) -> functions.put(id, make(function, common)));
    Map<String, Route> routes = new HashMap<>();
    template.api().routes().forEach((key, route) -> routes.put(key, route(route, functions)));
    Optional<Authorizer> authorizer =
        template
            .api()
            .authorizer()
            .map(
                described ->
                    new Authorizer(
                        function(described.function(), functions), described.identitySources()));
    return new WebSocketApi(template.api().actionField(), routes, authorizer.orElse(null));
  }

  private static Route route(Template.Route route, Map<String, LambdaFunction> functions) {
    return new Route(
        function(route.function(), functions),
        route.twoWay(),
        route
            .rateLimit()
            .map(limit -> new Throttle(limit.perSecond(), limit.burst()))
            .orElse(null));
  }

  private static LambdaFunction function(String id, Map<String, LambdaFunction> functions) {
    LambdaFunction function = functions.get(id);
    if (function == null) {
      throw new StartException("template.yaml: there is no function " + id);
    }
    return function;
  }

  /** Handlers have a constructor that takes their environment, beside the one that Lambda calls. */
  private static LambdaFunction make(Template.Function function, Map<String, String> common) {
    Map<String, String> environment = new HashMap<>(common);
    environment.putAll(function.environment());
    try {
      Constructor<?> constructor = Class.forName(function.handlerClass()).getConstructor(Map.class);
      return new LambdaFunction(
          function.name(),
          (RequestStreamHandler) constructor.newInstance(environment),
          function.timeout());
    } catch (ClassNotFoundException misnamed) {
      throw new StartException(
          "template.yaml: "
              + function.logicalId()
              + " names a handler that does not exist: "
              + function.handlerClass(),
          misnamed);
    } catch (InvocationTargetException failed) {
      throw new StartException(function.logicalId() + ": " + failed.getCause(), failed);
    } catch (ReflectiveOperationException | ClassCastException notAHandler) {
      throw new StartException(
          "template.yaml: "
              + function.handlerClass()
              + " is no RequestStreamHandler with a constructor for its environment",
          notAHandler);
    }
  }
}
