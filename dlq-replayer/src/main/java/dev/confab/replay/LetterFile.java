package dev.confab.replay;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A new file of letters, one a line. It holds what people wrote to each other, so only its owner
 * may read it. Not thread-safe.
 */
final class LetterFile implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path path;
  private final FileChannel file;
  private final OutputStream buffer;

  /**
   * Makes the file.
   *
   * @throws CannotGoOnException if there is one already, or none can be made there
   */
  LetterFile(Path path) {
    this.path = path;
    try {
      file =
          FileChannel.open(
              path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly());
    } catch (FileAlreadyExistsException there) {
      throw new CannotGoOnException(
          path + " exists: name another file, nothing is overwritten", there);
    } catch (IOException notMade) {
      throw new CannotGoOnException(
          "cannot make the file " + path + ": " + reason(notMade), notMade);
    }
    buffer = new BufferedOutputStream(Channels.newOutputStream(file), BUFFER_BYTES);
  }

  void write(String line) {
    try {
      buffer.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException notWritten) {
      throw cannotWrite(notWritten);
    }
  }

  /** Returns once the disk has all of it, and the file's name. */
  void force() {
    try {
      buffer.flush();
      file.force(true);
      Path folder = path.toAbsolutePath().getParent();
      if (folder != null && isPosix()) {
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
          names.force(true);
        }
      }
    } catch (IOException notWritten) {
      throw cannotWrite(notWritten);
    }
  }

  @Override
  public void close() {
    try (file) {
      buffer.flush();
    } catch (IOException notWritten) {
      throw cannotWrite(notWritten);
    }
  }

  private CannotGoOnException cannotWrite(IOException fault) {
    return new CannotGoOnException(
        "cannot write " + path + ": " + reason(fault) + "; nothing was deleted", fault);
  }

  /** Java names only the file where it knows no reason. */
  static String reason(IOException fault) {
    String name = fault.getClass().getSimpleName();
    return switch (name) {
      case "NoSuchFileException" -> "no such file or folder";
      case "AccessDeniedException" -> "permission denied";
      default -> fault.getMessage() == null ? name : fault.getMessage();
    };
  }

  static boolean isPosix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  static FileAttribute<?>[] ownerOnly() {
    return isPosix()
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
