package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The report of a tally. */
final class ReportWriter {

    private static final double HOUR = 3600;
    private static final double GIB = 1L << 30;
    private static final double KWH = 3.6e6;
    private static final int BANDS = 10;

    private final Tally tally;
    private final ReportSettings settings;

    ReportWriter(Tally tally, ReportSettings settings) {
        this.tally = tally;
        this.settings = settings;
    }

    /** @param requested seconds of GPUs that pods asked for, by namespace; null where the server does not know */
    Report report(@Nullable Map<String, Double> requested, List<String> trouble) {
        List<Map.Entry<List<String>, Tally.Group>> groups = tally.groups.entrySet().stream()
                .sorted(Comparator.comparingDouble(
                                (Map.Entry<List<String>, Tally.Group> entry) -> -entry.getValue().gpu)
                        .thenComparing(entry -> entry.getKey().toString()))
                .toList();
        Tally.Device all = new Tally.Device();
        tally.nodes.values().forEach(node -> node.devices.values().forEach(device -> add(all, device)));
        List<Report.Line> lines = new ArrayList<>();
        groups.forEach(entry -> lines.add(new Report.Line(entry.getKey(), figures(entry.getValue()))));
        lines.add(new Report.Line(List.of("(idle)"), rest(all.idle, 0, 0)));
        lines.add(new Report.Line(List.of("(unattributed)"), rest(0, all.unattributed, all.unattributedJoules)));
        ReportSettings.Range range = settings.range();
        return new Report(
                time(range.from()),
                time(range.to()),
                range.zone().getId(),
                (int) ReportSettings.INTERVAL.toSeconds(),
                settings.share().name().toLowerCase(Locale.ROOT),
                settings.by(),
                settings.prices().none() ? "" : settings.prices().currency(),
                lines,
                total(all),
                gpus(),
                nodes(),
                coverage(),
                requested == null ? null : requested(requested),
                notes(all, requested != null, trouble),
                new Report.Charts(tally.line, memory(groups), heat()));
    }

    private Report.Figures figures(Tally.Group group) {
        double held = group.held.cardinality() * Slice.INTERVAL / 1e3;
        return new Report.Figures(
                number(group.gpu / HOUR),
                number(group.bytes / GIB / HOUR),
                number(group.peak / GIB),
                number(held == 0 ? 0 : group.bytes / held / GIB),
                number(group.sm / HOUR),
                number(group.joules / KWH),
                settings.spreadEnergy() ? number(group.spread / KWH) : null,
                cost(group));
    }

    private Report.Figures rest(double gpu, double bytes, double joules) {
        BigDecimal none = number(0);
        return new Report.Figures(
                number(gpu / HOUR), number(bytes / GIB / HOUR), null, null, none, number(joules / KWH), null, null);
    }

    private Report.Figures total(Tally.Device all) {
        Tally.Group sum = new Tally.Group(0);
        for (Tally.Group group : tally.groups.values()) {
            sum.bytes += group.bytes;
            sum.sm += group.sm;
            sum.gpu += group.gpu;
            sum.joules += group.joules;
            sum.spread += group.spread;
        }
        return new Report.Figures(
                number((sum.gpu + all.idle) / HOUR),
                number((sum.bytes + all.unattributed) / GIB / HOUR),
                null,
                null,
                number(sum.sm / HOUR),
                number((sum.joules + all.unattributedJoules) / KWH),
                settings.spreadEnergy() ? number(sum.spread / KWH) : null,
                cost(sum));
    }

    private @Nullable BigDecimal cost(Tally.Group group) {
        ReportSettings.Prices prices = settings.prices();
        if (prices.none()) {
            return null;
        }
        double joules = group.joules + (settings.spreadEnergy() ? group.spread : 0);
        return number(price(prices.gpuHour()) * group.gpu / HOUR
                + price(prices.gibHour()) * group.bytes / GIB / HOUR
                + price(prices.kwh()) * joules / KWH);
    }

    private static double price(@Nullable BigDecimal price) {
        return price == null ? 0 : price.doubleValue();
    }

    private List<Report.Device> gpus() {
        List<Report.Device> devices = new ArrayList<>();
        tally.nodes.forEach(
                (name, node) -> node.devices.forEach((uuid, device) -> devices.add(device(name, uuid, device))));
        return devices;
    }

    private List<Report.Device> nodes() {
        List<Report.Device> devices = new ArrayList<>();
        tally.nodes.forEach((name, node) -> {
            Tally.Device sum = new Tally.Device();
            node.devices.values().forEach(device -> add(sum, device));
            devices.add(device(name, "", sum));
        });
        return devices;
    }

    private static void add(Tally.Device sum, Tally.Device device) {
        sum.observed += device.observed;
        sum.idle += device.idle;
        sum.used += device.used;
        sum.total += device.total;
        sum.attributed += device.attributed;
        sum.unattributed += device.unattributed;
        sum.joules += device.joules;
        sum.unattributedJoules += device.unattributedJoules;
    }

    private static Report.Device device(String node, String uuid, Tally.Device device) {
        return new Report.Device(
                node,
                device.index,
                uuid,
                device.model,
                number(device.observed / HOUR),
                number((device.observed - device.idle) / HOUR),
                number(device.idle / HOUR),
                number(device.used / GIB / HOUR),
                number(device.attributed / GIB / HOUR),
                number(device.unattributed / GIB / HOUR),
                number(device.total / GIB / HOUR),
                number(device.joules / KWH),
                number(device.unattributedJoules / KWH));
    }

    private List<Report.Coverage> coverage() {
        return tally.nodes.entrySet().stream()
                .map(entry -> {
                    float[] seen = entry.getValue().seen;
                    double sum = IntStream.range(0, seen.length)
                            .mapToDouble(i -> seen[i])
                            .sum();
                    double percent = Math.min(100, 100 * sum / (seen.length * (Slice.INTERVAL / 1e3)));
                    return new Report.Coverage(entry.getKey(), number(percent), gaps(seen));
                })
                .toList();
    }

    private List<Report.Gap> gaps(float[] seen) {
        List<Report.Gap> gaps = new ArrayList<>();
        for (int i = 0; i < seen.length; i++) {
            int begin = i;
            while (i < seen.length && seen[i] == 0) {
                i++;
            }
            if (i > begin) {
                gaps.add(new Report.Gap(time(begin), time(i)));
            }
        }
        return gaps;
    }

    private List<Report.Requested> requested(Map<String, Double> requested) {
        return requested.entrySet().stream()
                .map(entry -> new Report.Requested(
                        entry.getKey(),
                        number(entry.getValue() / HOUR),
                        number(tally.namespaces.getOrDefault(entry.getKey(), 0.0) / HOUR)))
                .toList();
    }

    private List<String> notes(Tally.Device all, boolean requested, List<String> trouble) {
        List<String> notes = new ArrayList<>(trouble);
        notes.add("An occupied GPU is divided fully among its workloads every 5 minutes, by "
                + settings.share().name().toLowerCase(Locale.ROOT) + ".");
        if (all.used > 0) {
            notes.add(String.format(
                    Locale.ROOT,
                    "%.2f %% of memory used and %.2f %% of energy are unattributed.",
                    100 * all.unattributed / all.used,
                    all.joules > 0 ? 100 * all.unattributedJoules / all.joules : 0));
        }
        if (coverage().stream().anyMatch(node -> !node.gaps().isEmpty())) {
            notes.add("There are times without data, listed under coverage; nothing was made up for them.");
        }
        if (!requested) {
            notes.add(
                    "Requested versus used is left out: the server has no kube_pod_container_resource_requests of GPUs.");
        }
        return notes;
    }

    private List<Report.Band> memory(List<Map.Entry<List<String>, Tally.Group>> groups) {
        List<Map.Entry<List<String>, Tally.Group>> largest = groups.stream()
                .sorted(Comparator.comparingDouble(entry -> -entry.getValue().bytes))
                .toList();
        List<Report.Band> bands = new ArrayList<>();
        double[] others = new double[tally.line.columns()];
        for (int k = 0; k < largest.size(); k++) {
            double[] values = k < BANDS ? new double[others.length] : others;
            for (int i = 0; i < values.length; i++) {
                values[i] += largest.get(k).getValue().columns[i] / tally.line.secondsPerColumn();
            }
            if (k < BANDS) {
                bands.add(new Report.Band(String.join(" / ", largest.get(k).getKey()), values));
            }
        }
        if (largest.size() > BANDS) {
            bands.add(new Report.Band((largest.size() - BANDS) + " others", others));
        }
        return bands;
    }

    private List<Report.Band> heat() {
        return tally.nodes.entrySet().stream()
                .map(entry -> new Report.Band(
                        entry.getKey(),
                        IntStream.range(0, tally.line.columns())
                                .mapToDouble(i -> entry.getValue().total[i] == 0
                                        ? Double.NaN
                                        : entry.getValue().used[i] / entry.getValue().total[i])
                                .toArray()))
                .toList();
    }

    private String time(int interval) {
        return time(Instant.ofEpochMilli(tally.line.from() + interval * Slice.INTERVAL));
    }

    private String time(Instant time) {
        ZoneId zone = settings.range().zone();
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                time.truncatedTo(ChronoUnit.SECONDS).atZone(zone));
    }

    private static BigDecimal number(double value) {
        return BigDecimal.valueOf(value).setScale(4, RoundingMode.HALF_EVEN);
    }
}
