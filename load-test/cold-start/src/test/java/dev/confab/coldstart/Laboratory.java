package dev.confab.coldstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every variant's function, ready to be started, and the services that they call. */
final class Laboratory implements AutoCloseable {
  /** Where Maven leaves what was built; the working directory is this module. */
  private static final Path ZIP = Path.of("..", "..", "ingest-lambda/target/ingest-lambda.zip");

  private static final Path TEMPLATE = Path.of("..", "..", "template.yaml");
  private static final Path NAIVE = Path.of("target/naive").toAbsolutePath();
  private static final Path NODE_SOURCES = Path.of("node");
  private static final String NAIVE_HANDLER = "dev.confab.naive.NaiveSendMessage";

  private static final Pattern HANDLER =
      Pattern.compile("SendMessageFunction:.*?Handler: (\\S+)", Pattern.DOTALL);

  private static final Pattern JAVA_OPTIONS = Pattern.compile("(JAVA_TOOL_OPTIONS): (.+)");

  private final Path work;
  private final Certificate certificate;
  private final AwsStub aws;
  private final Path ours;
  private final String handler;
  private final Map<String, String> javaOptions;
  private final List<String> options;

  /**
   * Makes one.
   *
   * @param work an empty folder
   * @param options for the JVM of our own function, as {@code JAVA_TOOL_OPTIONS} could set them
   */
  Laboratory(Path work, List<String> options) throws IOException, GeneralSecurityException {
    this.work = work;
    this.options = options;
    certificate = Certificate.in(work);
    ours = Function.unpack(ZIP, Files.createDirectories(work.resolve("ours")));
    String template = Files.readString(TEMPLATE);
    handler = find(HANDLER, template).group(1);
    MatchResult variable = find(JAVA_OPTIONS, template);
    javaOptions = Map.of(variable.group(1), variable.group(2).strip());
    aws = new AwsStub(certificate);
  }

  private static MatchResult find(Pattern pattern, String template) throws IOException {
    Matcher found = pattern.matcher(template);
    if (!found.find()) {
      throw new IOException("template.yaml has nothing like " + pattern);
    }
    return found;
  }

  AwsStub aws() {
    return aws;
  }

  /** Ours, as the template deploys it. */
  Function ours(Function.Start start) throws IOException {
    return Function.java(ours, handler, start, certificate.trustStore(), options, work)
        .with(javaOptions);
  }

  /** The naive one. */
  Function naive(Function.Start start) throws IOException {
    return Function.java(NAIVE, NAIVE_HANDLER, start, certificate.trustStore(), List.of(), work);
  }

  /** The one in Node: npm fetches what its lock file names, esbuild makes one file of it. */
  Function node() throws IOException {
    Path folder = work.resolve("node");
    if (!Files.exists(folder)) {
      Files.createDirectories(folder);
      for (String file :
          List.of("package.json", "package-lock.json", "handler.mjs", "runtime.mjs")) {
        Files.copy(NODE_SOURCES.resolve(file), folder.resolve(file));
      }
      Commands.run(folder, "npm", "ci", "--no-audit", "--no-fund");
      Commands.run(folder, "npm", "run", "bundle");
    }
    return Function.node(folder, certificate.pem());
  }

  /** Starts a copy. */
  Environment start(Function function, Function.Start start) throws IOException {
    return Environment.start(function, start, aws, work.resolve("output.log"));
  }

  @Override
  public void close() {
    aws.close();
  }
}
