package io.gpuagent.agent.http;

import io.gpuagent.usage.Account;
import io.gpuagent.usage.Energy;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What GPUs and workloads have used, as tables for a reader. What is not known is a question mark. */
final class UsageTable {

    /** Those that held most memory for longest; all are in the JSON. */
    private static final int MOST_ACCOUNTS = 100;

    private static final double GIB = 1L << 30;
    private static final double GIB_HOUR = GIB * 3600;
    private static final double HOUR = 3600;
    private static final double WATT_HOUR = 3600;

    private record Entry(GpuUsage gpu, Account account) {}

    private UsageTable() {}

    /** Empty where there is no GPU. */
    static String render(Snapshot snapshot) {
        List<Entry> entries = snapshot.gpus().stream()
                .flatMap(gpu -> gpu.accounts().stream().map(account -> new Entry(gpu, account)))
                .sorted(Comparator.comparingDouble(UsageTable::size).reversed())
                .toList();
        Stream<String> shown = entries.stream().limit(MOST_ACCOUNTS).map(UsageTable::row);
        int more = entries.size() - MOST_ACCOUNTS;
        return table(
                        snapshot.gpus().stream().map(UsageTable::row),
                        "GPU,Model,State,Energy Wh,of it unattributed,Errors (XIDs),Unobserved s")
                + table(shown, "GPU,MIG,Kind,Workload,Memory GiB h,Peak GiB,SM h,Energy Wh,Errors (XIDs)")
                + (more > 0 ? "<p>and " + more + " more.</p>\n" : "");
    }

    private static double size(Entry entry) {
        return Objects.requireNonNullElse(entry.account().memoryByteSeconds(), 0.0);
    }

    private static String row(GpuUsage gpu) {
        Energy energy = gpu.energy();
        return row(
                gpu.identity().index(),
                gpu.identity().model(),
                state(gpu.state()),
                number(energy == null ? null : energy.joules(), WATT_HOUR),
                number(energy == null ? null : energy.unattributedJoules(), WATT_HOUR),
                gpu.xids().stream().map(xid -> xid.xid() + " × " + xid.count()).collect(Collectors.joining(", ")),
                number(gpu.unobservedSeconds(), 1));
    }

    private static String state(GpuState state) {
        return state.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static String row(Entry entry) {
        Account account = entry.account();
        WorkloadUsage usage = account.usage();
        return row(
                entry.gpu().identity().index(),
                usage.mig(),
                usage.labels().kind(),
                usage.labels().workload(),
                number(account.memoryByteSeconds(), GIB_HOUR),
                number(account.peakBytes(), GIB),
                number(account.smSeconds(), HOUR),
                number(account.energyJoules(), WATT_HOUR),
                account.xids().entrySet().stream()
                        .map(xid -> xid.getKey() + " × " + xid.getValue())
                        .collect(Collectors.joining(", ")));
    }

    private static String number(@Nullable Number value, double unit) {
        return value == null ? "?" : String.format(Locale.ROOT, "%.3f", value.doubleValue() / unit);
    }

    private static String row(Object... cells) {
        return Arrays.stream(cells)
                .map(cell -> "<td>" + LandingPage.escaped(cell.toString()) + "</td>")
                .collect(Collectors.joining("", "<tr>", "</tr>\n"));
    }

    private static String table(Stream<String> rows, String headings) {
        String body = rows.collect(Collectors.joining());
        String head = "<tr><th>" + headings.replace(",", "</th><th>") + "</th></tr>\n";
        return body.isEmpty() ? "" : "<table border>\n" + head + body + "</table>\n";
    }
}
