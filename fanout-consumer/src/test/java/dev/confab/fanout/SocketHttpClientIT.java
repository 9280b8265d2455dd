package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.consumer.VirtualTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;

/** The client against a server that sends exactly what a test says. */
class SocketHttpClientIT {
  private static final Duration TIME_OUT = Duration.ofMillis(500);
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @TempDir private static Path directory;
  private static SSLContext tls;

  private final VirtualTime time = new VirtualTime();
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void makeCertificate() throws Exception {
    tls = contextOf("localhost");
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  /** Answers a request on a connection; returns whether to keep it. */
  private interface Script {
    boolean answer(int request, OutputStream out) throws IOException;
  }

  private static Script always(String response) {
    return (_, out) -> {
      out.write(response.getBytes(StandardCharsets.ISO_8859_1));
      return true;
    };
  }

  private static final class Server implements AutoCloseable {
    private final ServerSocket socket;
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final List<String> heads = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();

    Server(ServerSocket socket, Script script) {
      this.socket = socket;
      Thread.startVirtualThread(() -> accept(script));
    }

    private void accept(Script script) {
      try {
        while (true) {
          Socket client = socket.accept();
          accepted.incrementAndGet();
          synchronized (this) {
            sockets.add(client);
          }
          Thread.startVirtualThread(() -> serve(client, script));
        }
      } catch (IOException closed) {
        // The test is over.
      }
    }

    private void serve(Socket client, Script script) {
      try (client) {
        InputStream in = client.getInputStream();
        boolean goesOn = true;
        while (goesOn) {
          StringBuilder head = new StringBuilder();
          while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
              return;
            }
            head.append((char) b);
          }
          in.readNBytes(4); // every request here has a body of four
          synchronized (this) {
            heads.add(head.toString());
          }
          goesOn = script.answer(requests.incrementAndGet(), client.getOutputStream());
        }
      } catch (IOException clientLeft) {
        // So it does when it gives up.
      }
    }

    synchronized String lastHead() {
      return heads.getLast();
    }

    synchronized void closeSockets() throws IOException {
      for (Socket client : sockets) {
        client.close();
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
      closeSockets();
    }
  }

  private Server server(Script script) throws IOException {
    Server server = new Server(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
    open.add(server);
    return server;
  }

  private SocketHttpClient client() throws Exception {
    return client(SSLContext.getDefault());
  }

  private SocketHttpClient client(SSLContext with) {
    SocketHttpClient client = new SocketHttpClient(TIME_OUT, with, time);
    open.add(client);
    return client;
  }

  private record Answer(int status, String body) {}

  private static Answer post(SocketHttpClient client, String scheme, String host, Server server)
      throws IOException {
    int port = server.socket.getLocalPort();
    SdkHttpFullRequest http =
        SdkHttpFullRequest.builder()
            .method(SdkHttpMethod.POST)
            .uri(URI.create(scheme + "://" + host + ":" + port + "/local/%40?a=b%20c"))
            .putHeader("X-One", "1")
            .build();
    HttpExecuteResponse response =
        client
            .prepareRequest(
                HttpExecuteRequest.builder()
                    .request(http)
                    .contentStreamProvider(
                        () -> new ByteArrayInputStream("body".getBytes(StandardCharsets.US_ASCII)))
                    .build())
            .call();
    byte[] body = response.responseBody().orElseThrow().readAllBytes();
    return new Answer(
        response.httpResponse().statusCode(), new String(body, StandardCharsets.ISO_8859_1));
  }

  private static Answer post(SocketHttpClient client, Server server) throws IOException {
    return post(client, "http", "localhost", server);
  }

  @Test
  void aRequest_isWhatHttpAsksFor() throws Exception {
    Server server = server(always(OK));
    assertThat(post(client(), server)).isEqualTo(new Answer(200, "ok"));
    assertThat(server.lastHead())
        .isEqualTo(
            "POST /local/%40?a=b%20c HTTP/1.1\r\nX-One: 1\r\nHost: localhost:"
                + server.socket.getLocalPort()
                + "\r\nContent-Length: 4\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\nT: t\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nok",
        "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
        OK
      })
  void everyKindOfBody_isReadAndTheConnectionKept(String response) throws Exception {
    Server server = server(always(response));
    SocketHttpClient client = client();
    for (int i = 0; i < 3; i++) {
      assertThat(post(client, server)).isEqualTo(new Answer(200, "ok"));
    }
    assertThat(server.accepted.get()).isEqualTo(1);
  }

  @Test
  void aResponseWithoutBody_isRead() throws Exception {
    Server server = server(always("HTTP/1.1 204 No Content\r\n\r\n"));
    SocketHttpClient client = client();
    assertThat(post(client, server)).isEqualTo(new Answer(204, ""));
    assertThat(post(client, server)).isEqualTo(new Answer(204, ""));
    assertThat(server.accepted.get()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"
      })
  void aConnectionThatTheServerEnds_isNotUsedAgain(String response) throws Exception {
    Server server =
        server(
            (_, out) -> {
              out.write(response.getBytes(StandardCharsets.US_ASCII));
              return false;
            });
    SocketHttpClient client = client();
    assertThat(post(client, server)).isEqualTo(new Answer(200, "ok"));
    assertThat(post(client, server)).isEqualTo(new Answer(200, "ok"));
    assertThat(server.accepted.get()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n"
      })
  void whatIsNotHttp_isRefusedAndTheConnectionClosed(String response) throws Exception {
    Server server = server(always(response));
    SocketHttpClient client = client();
    assertThatThrownBy(() -> post(client, server)).isInstanceOf(ProtocolException.class);
    assertThatThrownBy(() -> post(client, server)).isInstanceOf(ProtocolException.class);
    assertThat(server.accepted.get()).isEqualTo(2);
  }

  @Test
  void headersWithoutEnd_areRefused() throws Exception {
    Server long1 = server(always("HTTP/1.1 200 OK\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"));
    assertThatThrownBy(() -> post(client(), long1)).isInstanceOf(ProtocolException.class);
    Server many = server(always("HTTP/1.1 200 OK\r\n" + "X: x\r\n".repeat(300) + "\r\n"));
    assertThatThrownBy(() -> post(client(), many)).isInstanceOf(ProtocolException.class);
    String body = "x".repeat(HttpConnection.MAX_BODY_BYTES + 1);
    Server endless = server(always("HTTP/1.1 200 OK\r\n\r\n" + body));
    assertThatThrownBy(() -> post(client(), endless)).isInstanceOf(ProtocolException.class);
  }

  @Test
  void anAnswerThatTrickles_hasOneDeadline() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    open.add(over::countDown);
    Server server =
        server(
            (_, out) -> {
              out.write(
                  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"
                      .getBytes(StandardCharsets.US_ASCII));
              await(over);
              return false;
            });
    assertThatThrownBy(() -> post(client(), server)).isInstanceOf(SocketTimeoutException.class);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aConnectionClosedWhileIdle_isNoticed() throws Exception {
    Server server = server(always(OK));
    SocketHttpClient client = client();
    post(client, server);
    server.closeSockets();
    time.pass(SocketHttpClient.LOOKED_AT_AFTER);
    assertThat(post(client, server)).isEqualTo(new Answer(200, "ok"));
    assertThat(server.accepted.get()).isEqualTo(2);
  }

  @Test
  void anIdleConnectionThatIsOpen_isUsedAgain() throws Exception {
    Server server = server(always(OK));
    SocketHttpClient client = client();
    post(client, server);
    time.pass(SocketHttpClient.LOOKED_AT_AFTER);
    post(client, server);
    assertThat(server.accepted.get()).isEqualTo(1);
  }

  @Test
  void aConnectionIdleForTooLong_isNotUsed() throws Exception {
    Server server = server(always(OK));
    SocketHttpClient client = client();
    post(client, server);
    time.pass(SocketHttpClient.MAX_IDLE);
    post(client, server);
    assertThat(server.accepted.get()).isEqualTo(2);
  }

  // TLS.

  private static SSLContext contextOf(String name) throws Exception {
    Path store = directory.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=test",
                "-ext",
                "SAN=dns:" + name,
                "-storetype",
                "PKCS12",
                "-storepass",
                "password",
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "password".toCharArray());
    }
    KeyManagerFactory mine = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    mine.init(keys, "password".toCharArray());
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(keys);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(mine.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }

  private Server tlsServer(SSLContext with) throws IOException {
    ServerSocket socket =
        with.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Server server = new Server(socket, always(OK));
    open.add(server);
    return server;
  }

  @Test
  void overTls_connectionsAreKeptToo() throws Exception {
    Server server = tlsServer(tls);
    SocketHttpClient client = client(tls);
    assertThat(post(client, "https", "localhost", server)).isEqualTo(new Answer(200, "ok"));
    time.pass(SocketHttpClient.LOOKED_AT_AFTER);
    assertThat(post(client, "https", "localhost", server)).isEqualTo(new Answer(200, "ok"));
    assertThat(server.accepted.get()).isEqualTo(1);
  }

  @Test
  void aCertificateOfAnotherHost_isRefused() throws Exception {
    SSLContext elsewhere = contextOf("elsewhere.example");
    Server server = tlsServer(elsewhere);
    assertThatThrownBy(() -> post(client(elsewhere), "https", "localhost", server))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void aCertificateThatNobodyVouchesFor_isRefused() throws Exception {
    Server server = tlsServer(tls);
    assertThatThrownBy(() -> post(client(), "https", "localhost", server))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void aPlainConnection_isNeverUsedForTls() throws Exception {
    Server plain = server(always(OK));
    SocketHttpClient client = client(tls);
    post(client, plain);
    assertThatThrownBy(() -> post(client, "https", "localhost", plain))
        .isInstanceOf(IOException.class);
    assertThat(plain.accepted.get()).isEqualTo(2);
  }
}
