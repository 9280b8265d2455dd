package dev.confab.local.gateway;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A client that breaks the protocol where a test wants it broken: frames by hand. */
final class RawSocket implements AutoCloseable {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;

  /**
   * A frame from the gateway.
   *
   * @param payload one character a byte
   */
  record Frame(int opcode, boolean last, String payload) {
    int closeCode() {
      return payload.charAt(0) << 8 | payload.charAt(1);
    }
  }

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;

  private RawSocket(URI uri) throws IOException {
    socket = new Socket(uri.getHost(), uri.getPort());
    socket.setSoTimeout((int) TestFunction.PATIENCE.toMillis());
    out = socket.getOutputStream();
    in = new DataInputStream(socket.getInputStream());
  }

  /** An HTTP connection. */
  static RawSocket http(URI uri) throws IOException {
    return new RawSocket(uri);
  }

  static RawSocket open(URI uri) throws IOException {
    RawSocket raw = new RawSocket(uri);
    raw.write(upgrade(uri, ""));
    String status = raw.readHead();
    if (!status.startsWith("HTTP/1.1 101")) {
      throw new IOException(status);
    }
    return raw;
  }

  /**
   * An upgrade request.
   *
   * @param headers more of them, each with its line's end
   */
  static String upgrade(URI uri, String headers) {
    return "GET "
        + uri.getRawPath()
        + "?"
        + uri.getRawQuery()
        + " HTTP/1.1\r\n"
        + "Host: localhost\r\n"
        + "Connection: keep-alive, Upgrade\r\n"
        + "Upgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + headers
        + "\r\n";
  }

  void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Up to and with the empty line. */
  String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  byte[] read(int bytes) throws IOException {
    return in.readNBytes(bytes);
  }

  void send(int opcode, boolean last, byte[] payload) throws IOException {
    send(opcode, last, payload, true);
  }

  void send(int opcode, boolean last, byte[] payload, boolean masked) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write((last ? 0x80 : 0) | opcode);
    int mask = masked ? 0x80 : 0;
    if (payload.length < 126) {
      frame.write(mask | payload.length);
    } else if (payload.length < 65536) {
      frame.write(mask | 126);
      frame.write(payload.length >> 8);
      frame.write(payload.length);
    } else {
      frame.write(mask | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        frame.write((int) ((long) payload.length >> shift));
      }
    }
    if (masked) {
      frame.write(new byte[4]); // a mask of zeros changes nothing
    }
    frame.write(payload);
    out.write(frame.toByteArray());
    out.flush();
  }

  Frame receive() throws IOException {
    int first = in.readUnsignedByte();
    int length = in.readUnsignedByte() & 0x7F;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = Math.toIntExact(in.readLong());
    }
    return new Frame(
        first & 0x0F,
        (first & 0x80) != 0,
        new String(in.readNBytes(length), StandardCharsets.ISO_8859_1));
  }

  boolean isAtEnd() throws IOException {
    return in.read() == -1;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
