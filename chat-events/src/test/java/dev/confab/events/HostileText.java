package dev.confab.events;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Makes any text of any bytes: UTF-8 where they are that, lone surrogates where they are not. */
final class HostileText {
  private static final char LONE_SURROGATES = 0xDC00;

  private HostileText() {}

  static String of(byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    while (in.hasRemaining()) {
      CoderResult result = decoder.decode(in, out, true);
      if (result.isError()) {
        for (int i = 0; i < result.length(); i++) {
          out.put((char) (LONE_SURROGATES + (in.get() & 0xFF)));
        }
        decoder.reset();
      }
    }
    return out.flip().toString();
  }
}
