package dev.confab.local.template;

import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads SAM's WebSocket API, with the routes it makes and the route responses it doesn't. */
final class ApiReader {
  private static final String SELECTION = "$request.body.";
  private static final String RESPONSE = "RouteResponseSelectionExpression";
  private static final Set<String> SPECIAL = Set.of("$connect", "$disconnect", "$default");

  private final String id;
  private final Properties api;
  private final Map<String, String> functionsByArn;

  ApiReader(String id, Properties api, Map<String, String> functionsByArn) {
    this.id = id;
    this.api = api;
    this.functionsByArn = functionsByArn;
  }

  /**
   * Reads the API.
   *
   * @param routeResponses every {@code AWS::ApiGatewayV2::RouteResponse}
   */
  Template.Api read(Map<String, Properties> routeResponses) {
    api.allow(
        Set.of(
            "StageName",
            "RouteSelectionExpression",
            "Auth",
            "Routes",
            "RouteSettings",
            "DefaultRouteSettings"),
        Set.of("Name", "Description", "Tags", "AccessLogSettings", "Domain", "IpAddressType"));
    Map<String, Properties> declared = api.object("Routes").namedObjects();
    declared.forEach(ApiReader::checkKey);
    Set<String> answered = answeredRoutes(routeResponses);
    Map<String, Properties> settings = api.object("RouteSettings").namedObjects();
    Map<String, Template.Route> routes = new LinkedHashMap<>();
    declared.forEach((key, route) -> routes.put(key, route(key, route, answered, settings)));
    for (String key : settings.keySet()) {
      if (!routes.containsKey(key)) {
        throw api.complaint("RouteSettings", "there is no route " + key);
      }
    }
    return new Template.Api(
        id,
        api.text("StageName", "default"),
        actionField(),
        Collections.unmodifiableMap(routes),
        authorizer());
  }

  private String actionField() {
    String expression = api.text("RouteSelectionExpression");
    String field = expression.startsWith(SELECTION) ? expression.substring(SELECTION.length()) : "";
    if (!field.matches("[A-Za-z0-9_-]+")) {
      throw api.complaint(
          "RouteSelectionExpression",
          "local runs support " + SELECTION + "<field>, not '" + expression + "'");
    }
    return field;
  }

  private static void checkKey(String key, Properties route) {
    if (!SPECIAL.contains(key) && !key.matches("[A-Za-z0-9]+")) {
      throw route.complaint("a route's key must be alphanumeric for SAM");
    }
    if (SPECIAL.contains("$" + key.toLowerCase(Locale.ROOT))) {
      throw route.complaint("SAM would put this route in the place of $" + key);
    }
  }

  private Template.Route route(
      String key, Properties route, Set<String> answered, Map<String, Properties> settings) {
    route.allow(Set.of("FunctionArn", RESPONSE, "IntegrationTimeout"), Set.of("OperationName"));
    boolean twoWay = route.has(RESPONSE);
    if (twoWay && !answered.contains(key)) {
      throw route.complaint(
          "has no AWS::ApiGatewayV2::RouteResponse: in AWS its answers never reach the client");
    }
    if (!twoWay && answered.contains(key)) {
      throw route.complaint("has a route response, but no " + RESPONSE);
    }
    Optional<Duration> timeout =
        route.has("IntegrationTimeout")
            ? Optional.of(Duration.ofMillis(route.number("IntegrationTimeout", 0)))
            : Optional.empty();
    return new Template.Route(
        functionOf(route, "FunctionArn"), twoWay, timeout, rateLimit(settings.get(key)));
  }

  private Optional<Template.RateLimit> rateLimit(@Nullable Properties own) {
    Properties settings = own == null ? api.object("DefaultRouteSettings") : own;
    if (!settings.has("ThrottlingRateLimit") || !settings.has("ThrottlingBurstLimit")) {
      return Optional.empty();
    }
    return Optional.of(
        new Template.RateLimit(
            settings.number("ThrottlingRateLimit", 0), settings.number("ThrottlingBurstLimit", 0)));
  }

  private Optional<Template.Authorizer> authorizer() {
    if (!api.has("Auth")) {
      return Optional.empty();
    }
    Properties auth = api.object("Auth");
    auth.allow(Set.of("AuthType", "AuthArn", "IdentitySource"), Set.of("Name", "InvokeRole"));
    return switch (auth.text("AuthType")) {
      case "NONE" -> Optional.empty();
      case "CUSTOM" ->
          Optional.of(
              new Template.Authorizer(functionOf(auth, "AuthArn"), auth.texts("IdentitySource")));
      default -> throw auth.complaint("AuthType", "local runs support CUSTOM and NONE");
    };
  }

  private String functionOf(Properties properties, String name) {
    String arn = properties.text(name);
    String function = functionsByArn.get(arn);
    if (function == null) {
      throw properties.complaint(name, "names no function of this template: " + arn);
    }
    return function;
  }

  private Set<String> answeredRoutes(Map<String, Properties> routeResponses) {
    Map<String, String> routes = routesByLogicalId(id, api);
    Set<String> answered = new HashSet<>();
    for (Properties response : routeResponses.values()) {
      response.allow(Set.of("RouteId", "RouteResponseKey"), Set.of("ApiId"));
      if (!response.text("RouteResponseKey").equals("$default")) {
        throw response.complaint("RouteResponseKey", "must be $default");
      }
      String route = routes.get(response.text("RouteId"));
      if (route == null) {
        throw response.complaint("RouteId", "names no route of " + id);
      }
      if (!answered.add(route)) {
        throw response.complaint("RouteId", "the route " + route + " has two route responses");
      }
    }
    return answered;
  }

  /**
   * The logical ids of the routes that SAM makes: of {@code sendMessage}, {@code
   * …SendmessageRoute}.
   */
  static Map<String, String> routesByLogicalId(String id, Properties api) {
    Map<String, String> routes = new LinkedHashMap<>();
    for (String key : api.object("Routes").namedObjects().keySet()) {
      String name = key.replace("$", "").toLowerCase(Locale.ROOT);
      if (!name.isEmpty()) {
        routes.put(
            id + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1) + "Route", key);
      }
    }
    return routes;
  }
}
