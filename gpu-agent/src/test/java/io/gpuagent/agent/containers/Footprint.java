package io.gpuagent.agent.containers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Resources that this JVM holds.
 *
 * @param heap bytes in use after a garbage collection
 * @param ids container ids for which a directory keeps an entry, in its own map or elsewhere
 */
record Footprint(String when, long heap, long ids, long descriptors, long threads) {

    private static final String ENTRY = CachingDirectory.class.getName() + "$Entry";

    /** Collects garbage, measures, and prints the result. */
    static Footprint now(String when) {
        long ids = idsKept();
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        long threads = ManagementFactory.getThreadMXBean().getThreadCount();
        Footprint footprint = new Footprint(when, heap, ids, openFiles(), threads);
        System.out.println(footprint);
        return footprint;
    }

    static long idsKept() {
        return instances(ENTRY);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %.2f MiB of heap, %d ids, %d descriptors, %d threads",
                when,
                heap / 1048576.0,
                ids,
                descriptors,
                threads);
    }

    /** The number of live objects of a class; the histogram counts no others. */
    private static long instances(String name) {
        try {
            Object histogram = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            return histogram
                    .toString()
                    .lines()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(row -> row.length > 3 && row[3].equals(name))
                    .mapToLong(row -> Long.parseLong(row[1]))
                    .sum();
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long openFiles() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
