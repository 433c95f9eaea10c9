package io.gpuagent.usage;

import io.gpuagent.usage.XidQueue.XidKey;
import io.gpuagent.usage.XidQueue.XidBatch;
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
 * Says in the log which errors GPUs had and who was on them. The first of a kind at once; those that follow within a minute in one line at
 * its end, so that a storm of them does not fill the disk.
 */
final class XidLog {

    private static final Duration BETWEEN = Duration.ofMinutes(1);
    private static final int MOST_NAMES = 10;

    private final System.Logger out;
    private final Properties meanings = meanings();
    private final Map<XidKey, Pending> pending = new LinkedHashMap<>();

    XidLog(System.Logger out) {
        this.out = out;
    }

    /** What happened since the last line of a kind. */
    private static final class Pending {

        private final Set<String> names = new LinkedHashSet<>();
        private final long since;
        private long count;

        Pending(long since) {
            this.since = since;
        }
    }

    /** What the numbers of errors mean, where NVIDIA says so. */
    static Properties meanings() {
        Properties meanings = new Properties();
        try (InputStream table = Objects.requireNonNull(XidLog.class.getResourceAsStream("xids.txt"))) {
            meanings.load(table);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return meanings;
    }

    /** @param known false for an error beyond the number of kinds that are told apart; those are one kind here, 0 */
    void report(XidBatch report, boolean known, List<WorkloadUsage> there, long nanos) {
        XidKey kind = known
                ? report.kind()
                : new XidKey(report.kind().gpu(), report.kind().mig(), 0);
        List<String> names = there.stream().map(XidLog::name).toList();
        Pending open = pending.get(kind);
        if (open == null) {
            pending.put(kind, new Pending(nanos));
            say(kind, report.count() == 1 ? "" : " " + report.count() + " times", names);
        } else {
            open.count += report.count();
            open.names.addAll(names);
        }
    }

    /** Says what has been kept back for long enough. */
    void sums(long nanos) {
        for (Map.Entry<XidKey, Pending> entry : List.copyOf(pending.entrySet())) {
            Pending open = entry.getValue();
            if (nanos - open.since >= BETWEEN.toNanos()) {
                if (open.count == 0) {
                    pending.remove(entry.getKey());
                } else {
                    pending.put(entry.getKey(), new Pending(nanos));
                    String seconds =
                            Long.toString(Duration.ofNanos(nanos - open.since).toSeconds());
                    say(entry.getKey(), " again, " + open.count + " times in " + seconds + " s", open.names);
                }
            }
        }
    }

    private void say(XidKey kind, String howOften, Collection<String> names) {
        String instance = kind.mig().isEmpty() ? "" : ", MIG instance " + kind.mig();
        String meaning = meanings.getProperty(Integer.toString(kind.xid()));
        String what = kind.xid() == 0
                ? "XIDs of many other kinds"
                : "XID " + kind.xid() + (meaning == null ? "" : " (" + meaning + ")");
        out.log(
                Level.WARNING,
                "GPU " + kind.gpu().index() + " " + kind.gpu().uuid() + instance + ": " + what + howOften + "; on it: "
                        + list(names));
    }

    private static String list(Collection<String> names) {
        String first = names.stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
        int more = names.size() - MOST_NAMES;
        return names.isEmpty() ? "no workload" : more > 0 ? first + " and " + more + " more" : first;
    }

    private static String name(WorkloadUsage usage) {
        return (usage.labels().kind() + " " + usage.labels().workload()).strip();
    }
}
