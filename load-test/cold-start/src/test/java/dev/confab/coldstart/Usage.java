package dev.confab.coldstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process has used so far. Linux only.
 *
 * @param cpuNanos CPU time of all of its threads since it began, user and system, those that ended
 *     too: the kernel's clock of the process, since {@code /proc/<pid>/stat} counts the same in
 *     hundredths of a second
 * @param rssBytes its memory that is in RAM now, from {@code /proc/<pid>/status}
 */
record Usage(long cpuNanos, long rssBytes) {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** CPUCLOCK_SCHED, in the low bits of a process' clock id: user and system time. */
  private static final int SCHEDULED = 2;

  @SuppressWarnings("restricted") // the JVM is started with --enable-native-access
  private static final MethodHandle CLOCK_GETTIME =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

  /**
   * Of a process that runs.
   *
   * @throws IllegalStateException if there is no such process
   */
  static Usage of(long pid) {
    return new Usage(cpuNanos(pid), rssBytes(pid));
  }

  private static long cpuNanos(long pid) {
    int clock = (~(int) pid << 3) | SCHEDULED;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment time = arena.allocate(ValueLayout.JAVA_LONG, 2);
      int result = (int) CLOCK_GETTIME.invokeExact(clock, time);
      if (result != 0) {
        throw new IllegalStateException("process " + pid + " has no clock: it is gone");
      }
      return time.getAtIndex(ValueLayout.JAVA_LONG, 0) * NANOS_PER_SECOND
          + time.getAtIndex(ValueLayout.JAVA_LONG, 1);
    } catch (RuntimeException | Error asItIs) {
      throw asItIs;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static long rssBytes(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
      throw new IllegalStateException("process " + pid + " has no memory: it is gone");
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }
}
