package dev.confab.coldstart;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.serialization.util.ReflectUtil;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import software.amazon.awssdk.utilslite.SdkInternalThreadLocal;

/**
 * A function as Lambda would have it.
 *
 * @param folder its code, unpacked; where it is started
 * @param command what starts its runtime
 * @param environment its own variables, beside those that every function gets
 */
record Function(Path folder, List<String> command, Map<String, String> environment) {
  /** How Lambda makes its copies. */
  enum Start {
    /** Each begins by itself. */
    COLD,
    /** Each is restored from a snapshot of one that was ready. */
    SNAP_START
  }

  /** Of a function with 1,024 MB, as the template says: five sixths are heap. */
  private static final String HEAP = "-Xmx870m";

  private static final String NATIVE_CLIENT =
      "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

  /**
   * In Java, under Lambda's own runtime client and with the options that Lambda gives java25: the
   * first compiler only, but where there are snapshots, for which compiling is done before.
   *
   * @param work for what Lambda has elsewhere on its disk
   */
  static Function java(
      Path folder, String handler, Start start, Path trustStore, List<String> options, Path work)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac",
                "-Djava.net.preferIPv4Stack=true",
                "-D" + NATIVE_CLIENT + "=" + nativeClient(work),
                "-Djavax.net.ssl.trustStore=" + trustStore));
    if (start == Start.COLD) {
      command.add("-XX:TieredStopAtLevel=1");
    }
    command.addAll(options);
    command.addAll(List.of("-classpath", runtimeClassPath(), AWSLambda.class.getName(), handler));
    return new Function(folder, List.copyOf(command), Map.of());
  }

  /** The same with variables of its own. */
  Function with(Map<String, String> variables) {
    return new Function(folder, command, Map.copyOf(variables));
  }

  /** In Node. */
  static Function node(Path folder, Path pem) {
    return new Function(
        folder, List.of("node", "bundle.cjs"), Map.of("NODE_EXTRA_CA_CERTS", pem.toString()));
  }

  /** Lambda's runtime and nothing else: what is in the function's folder it loads by itself. */
  private static String runtimeClassPath() {
    return Stream.of(
            AWSLambda.class, LambdaLogger.class, ReflectUtil.class, SdkInternalThreadLocal.class)
        .map(Function::jarOf)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String jarOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Lambda has it on its disk; elsewhere every start would unpack it first. */
  private static Path nativeClient(Path work) throws IOException {
    String architecture = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
    Path library = work.resolve("libaws-lambda-jni.so");
    if (!Files.exists(library)) {
      String name = "/jni/libaws-lambda-jni.linux-" + architecture + ".so";
      try (InputStream in = AWSLambda.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IOException("Lambda's runtime client has no " + name);
        }
        Files.copy(in, library);
      }
    }
    return library;
  }

  /** Unpacks a zip, as Lambda does. */
  static Path unpack(Path archive, Path folder) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
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
    return folder;
  }
}
