package io.gpuagent.usage;

import io.gpuagent.usage.XidQueue.XidBatch;
import io.gpuagent.usage.XidQueue.XidKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Logs Xids and the workloads that were on the GPU. The first Xid with a number is logged immediately. Repetitions are
 * summarized once a minute, so that a flood of Xids does not fill the disk.
 */
final class XidLog {

    private static final Duration SUMMARY_INTERVAL = Duration.ofMinutes(1);
    private static final int MAX_NAMES = 10;

    private final System.Logger out;
    private final Properties meanings = meanings();
    private final Map<XidKey, Repetitions> pending = new LinkedHashMap<>();

    XidLog(System.Logger out) {
        this.out = out;
    }

    /** The Xids with one key since the last log line about them. */
    private static final class Repetitions {

        private final Set<String> names = new LinkedHashSet<>();
        private final long since;
        private long count;

        Repetitions(long since) {
            this.since = since;
        }
    }

    /** The meanings of Xid numbers as documented by NVIDIA. */
    static Properties meanings() {
        Properties meanings = new Properties();
        try (InputStream table = Objects.requireNonNull(XidLog.class.getResourceAsStream("xids.txt"))) {
            meanings.load(table);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return meanings;
    }

    /**
     * Logs a batch of Xids, or adds it to the next summary.
     *
     * @param known false for Xids above the limit of distinct numbers; they are all logged together, under the number 0
     */
    void report(XidBatch batch, boolean known, List<WorkloadUsage> present, long nanos) {
        XidKey key =
                known ? batch.key() : new XidKey(batch.key().gpu(), batch.key().mig(), 0);
        List<String> names = present.stream().map(XidLog::name).toList();
        Repetitions open = pending.get(key);
        if (open == null) {
            pending.put(key, new Repetitions(nanos));
            write(key, batch.count() == 1 ? "" : " " + batch.count() + " times", names);
        } else {
            open.count += batch.count();
            open.names.addAll(names);
        }
    }

    /** Logs the repetitions whose summary interval has passed. */
    void reportRepetitions(long nanos) {
        for (Map.Entry<XidKey, Repetitions> entry : List.copyOf(pending.entrySet())) {
            Repetitions open = entry.getValue();
            if (nanos - open.since >= SUMMARY_INTERVAL.toNanos()) {
                if (open.count == 0) {
                    pending.remove(entry.getKey());
                } else {
                    pending.put(entry.getKey(), new Repetitions(nanos));
                    String seconds =
                            Long.toString(Duration.ofNanos(nanos - open.since).toSeconds());
                    write(entry.getKey(), " again, " + open.count + " times in " + seconds + " s", open.names);
                }
            }
        }
    }

    private void write(XidKey key, String repetitions, Collection<String> names) {
        String instance = key.mig().isEmpty() ? "" : ", MIG instance " + key.mig();
        String meaning = meanings.getProperty(Integer.toString(key.xid()));
        String xid = key.xid() == 0
                ? "Xids with other numbers"
                : "Xid " + key.xid() + (meaning == null ? "" : " (" + meaning + ")");
        out.log(
                Level.WARNING,
                "GPU " + key.gpu().index() + " " + key.gpu().uuid() + instance + ": " + xid + repetitions
                        + "; workloads: " + list(names));
    }

    private static String list(Collection<String> names) {
        String first = names.stream().limit(MAX_NAMES).collect(Collectors.joining(", "));
        int more = names.size() - MAX_NAMES;
        return names.isEmpty() ? "none" : more > 0 ? first + " and " + more + " more" : first;
    }

    private static String name(WorkloadUsage usage) {
        return (usage.labels().kind() + " " + usage.labels().workload()).strip();
    }
}
