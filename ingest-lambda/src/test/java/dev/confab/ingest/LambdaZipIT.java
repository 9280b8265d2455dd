package dev.confab.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is deployed. */
class LambdaZipIT {
  private static final Path ZIP = Path.of("target", "ingest-lambda.zip");
  private static final long MAX_BYTES = 12 * 1024 * 1024;

  private static final List<String> HANDLERS =
      List.of(
          "AuthorizeHandler",
          "ConnectionHandler",
          "SendMessageHandler",
          "ChatHandler",
          "HistoryHandler");

  private static List<String> names() throws IOException {
    try (ZipFile zip = new ZipFile(ZIP.toFile())) {
      return zip.stream().map(ZipEntry::getName).toList();
    }
  }

  @Test
  void handlersAtTheRoot_librariesUnderLib_andNothingElse() throws IOException {
    assertThat(names())
        .contains("dev/confab/ingest/SendMessageHandler.class")
        .anyMatch(name -> name.startsWith("lib/chat-events"))
        .anyMatch(name -> name.startsWith("lib/chat-table"))
        .allMatch(
            name -> name.endsWith("/") || name.startsWith("dev/confab/ingest/") || isLibrary(name));
    assertThat(Files.size(ZIP)).isLessThan(MAX_BYTES);
  }

  private static boolean isLibrary(String name) {
    return name.startsWith("lib/") && name.endsWith(".jar");
  }

  @Test
  void nothingThatSlowsAColdStart_orIsForTestsOnly() throws IOException {
    for (String unwanted :
        List.of(
            "amazon-kinesis-client",
            "netty",
            "apache-client",
            "aws-crt",
            "jackson-databind",
            "log4j",
            "logback",
            "caffeine",
            "aws-lambda-java-events",
            "junit",
            "local-kinesis",
            "DynamoDBLocal",
            "-tests.jar")) {
      assertThat(names()).noneMatch(name -> name.contains(unwanted));
    }
  }

  /** As Lambda loads it: nothing on the class path but the zip's own, and no variables set. */
  @Test
  void everyHandler_isThere_andSaysWhatItLacks(@TempDir Path folder) throws Exception {
    try (URLClassLoader lambda = new URLClassLoader(unpack(folder), platformAndLambdaCore())) {
      for (String name : HANDLERS) {
        Class<?> handler = lambda.loadClass("dev.confab.ingest." + name);
        assertThat(handler.getClassLoader()).isSameAs(lambda);
        assertThat(RequestStreamHandler.class).isAssignableFrom(handler);
        assertThat(handler.getConstructor()).isNotNull();
        assertThat(declaring(handler)).as("by reflection, Lambda's runtime calls it on").isPublic();
        assertThatThrownBy(() -> handler.getConstructor(Map.class).newInstance(Map.of()))
            .rootCause()
            .hasMessageContaining(" is missing: it must be ");
      }
    }
  }

  private static Class<?> declaring(Class<?> handler) throws NoSuchMethodException {
    return handler
        .getMethod("handleRequest", InputStream.class, OutputStream.class, Context.class)
        .getDeclaringClass();
  }

  /** Lambda's runtime brings its own copy of the interface that we implement. */
  private static ClassLoader platformAndLambdaCore() {
    return new ClassLoader(ClassLoader.getPlatformClassLoader()) {
      @Override
      protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (name.startsWith("com.amazonaws.services.lambda.runtime.")) {
          return LambdaZipIT.class.getClassLoader().loadClass(name);
        }
        throw new ClassNotFoundException(name);
      }
    };
  }

  private static URL[] unpack(Path folder) throws IOException {
    try (ZipFile zip = new ZipFile(ZIP.toFile())) {
      for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
        ZipEntry entry = entries.nextElement();
        Path file = folder.resolve(entry.getName()).normalize();
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.getParent());
          Files.copy(zip.getInputStream(entry), file);
        }
      }
    }
    List<URL> urls = new ArrayList<>(List.of(folder.toUri().toURL()));
    try (Stream<Path> libraries = Files.list(folder.resolve("lib"))) {
      for (File library : libraries.map(Path::toFile).sorted().toList()) {
        urls.add(library.toURI().toURL());
      }
    }
    return urls.toArray(URL[]::new);
  }
}
