package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is deployed. */
class LambdaZipIT {
  private static final Path ZIP = Path.of("target", "ingest-lambda.zip");
  private static final String JAR = "lib/functions.jar";
  private static final long MAX_BYTES = 8 * 1024 * 1024;

  private static final List<String> HANDLERS =
      List.of(
          "AuthorizeHandler",
          "ConnectionHandler",
          "SendMessageHandler",
          "ChatHandler",
          "HistoryHandler");

  @TempDir static Path folder;
  private static List<String> names;

  @BeforeAll
  static void unpack() throws IOException {
    try (ZipFile zip = new ZipFile(ZIP.toFile());
        InputStream jar = zip.getInputStream(zip.getEntry(JAR))) {
      Files.copy(jar, Files.createDirectory(folder.resolve("lib")).resolve("functions.jar"));
    }
    try (ZipFile jar = new ZipFile(folder.resolve(JAR).toFile())) {
      names = jar.stream().map(ZipEntry::getName).toList();
    }
  }

  @Test
  void oneJarUnderLib_andNothingElse() throws IOException {
    try (ZipFile zip = new ZipFile(ZIP.toFile())) {
      assertThat(zip.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName))
          .containsExactly(JAR);
    }
    assertThat(names)
        .contains("dev/confab/ingest/SendMessageHandler.class")
        .anyMatch(name -> name.startsWith("dev/confab/events/"))
        .anyMatch(name -> name.startsWith("dev/confab/table/"));
    assertThat(Files.size(ZIP)).isLessThan(MAX_BYTES);
  }

  /** Each is unpacked once, by Lambda, and not again by each copy of a function. */
  @Test
  void classesAreNotCompressedTwice() throws IOException {
    try (ZipFile jar = new ZipFile(folder.resolve(JAR).toFile())) {
      assertThat(jar.stream())
          .allSatisfy(entry -> assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED));
    }
  }

  @Test
  void nothingThatSlowsAColdStart_orIsForTestsOnly() {
    for (String unwanted :
        List.of(
            "software/amazon/kinesis/",
            "io/netty/",
            "org/apache/http/",
            "software/amazon/awssdk/http/apache/",
            "software/amazon/awssdk/http/nio/",
            "software/amazon/awssdk/crt/",
            "com/fasterxml/jackson/databind/",
            "org/apache/logging/",
            "ch/qos/logback/",
            "com/github/benmanes/caffeine/",
            "com/amazonaws/services/lambda/runtime/events/",
            "org/junit/",
            "dev/confab/kinesis/",
            "com/amazonaws/services/dynamodbv2/")) {
      assertThat(names).noneMatch(name -> name.startsWith(unwanted));
    }
    assertThat(names).noneMatch(name -> name.endsWith("Test.class") || name.endsWith("IT.class"));
  }

  /** One list of its kind is in several of the jars that became this one. */
  @Test
  void everyServiceThatALibraryOffers_isOfferedStill() throws IOException {
    try (ZipFile jar = new ZipFile(folder.resolve(JAR).toFile());
        InputStream slf4j =
            jar.getInputStream(
                jar.getEntry("META-INF/services/org.slf4j.spi.SLF4JServiceProvider"))) {
      assertThat(new String(slf4j.readAllBytes(), UTF_8)).contains("NOPServiceProvider");
    }
    assertThat(names)
        .contains("META-INF/services/software.amazon.awssdk.http.SdkHttpService")
        .contains("META-INF/services/com.fasterxml.jackson.core.JsonFactory");
  }

  /** As Lambda loads it: nothing on the class path but the zip's own, and no variables set. */
  @Test
  void everyHandler_isThere_andSaysWhatItLacks() throws Exception {
    URL[] classPath = {folder.resolve(JAR).toUri().toURL()};
    try (URLClassLoader lambda = new URLClassLoader(classPath, platformAndLambdaCore())) {
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
}
