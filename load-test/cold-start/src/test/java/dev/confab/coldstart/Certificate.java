package dev.confab.coldstart;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate for localhost that nobody signed, and what makes a client trust it beside all the
 * authorities that it trusts anyhow: reading those is part of a start.
 */
final class Certificate {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final String ALIAS = "localhost";
  private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

  private final KeyStore keys;
  private final Path trustStore;
  private final Path pem;

  private Certificate(KeyStore keys, Path trustStore, Path pem) {
    this.keys = keys;
    this.trustStore = trustStore;
    this.pem = pem;
  }

  /** Makes one, in a folder. */
  static Certificate in(Path folder) throws IOException, GeneralSecurityException {
    Path file = folder.resolve("server.p12");
    Commands.run(
        folder,
        JAVA_HOME.resolve("bin/keytool").toString(),
        "-genkeypair",
        "-keystore",
        file.toString(),
        "-storepass",
        new String(PASSWORD),
        "-alias",
        ALIAS,
        "-keyalg",
        "RSA", // as AWS' own
        "-keysize",
        "2048",
        "-dname",
        "CN=localhost",
        "-ext",
        "san=dns:localhost",
        "-validity",
        "2");
    KeyStore keys = load(file, PASSWORD);
    Path pem = folder.resolve("server.pem");
    Base64.Encoder base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
    Files.writeString(
        pem,
        "-----BEGIN CERTIFICATE-----\n"
            + base64.encodeToString(keys.getCertificate(ALIAS).getEncoded())
            + "\n-----END CERTIFICATE-----\n");
    return new Certificate(keys, trustStore(folder, keys), pem);
  }

  /** The JDK's own and ours, in the JDK's form: its certificates are not encrypted. */
  private static Path trustStore(Path folder, KeyStore keys)
      throws IOException, GeneralSecurityException {
    KeyStore trusted =
        KeyStore.getInstance(JAVA_HOME.resolve("lib/security/cacerts").toFile(), (char[]) null);
    trusted.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
    System.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
    System.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
    Path file = folder.resolve("cacerts");
    try (OutputStream out = Files.newOutputStream(file)) {
      trusted.store(out, PASSWORD);
    }
    return file;
  }

  private static KeyStore load(Path file, char[] password)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, password);
    }
    return store;
  }

  /** A server's side of TLS that knows no sessions of any other. */
  SSLContext newServerContext() throws GeneralSecurityException {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  /** For Java's {@code javax.net.ssl.trustStore}. */
  Path trustStore() {
    return trustStore;
  }

  /** For Node's {@code NODE_EXTRA_CA_CERTS}. */
  Path pem() {
    return pem;
  }
}
