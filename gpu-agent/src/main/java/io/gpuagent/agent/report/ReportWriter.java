package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds the report from the totals. */
final class ReportWriter {

    private static final double GIB = 1L << 30;
    private static final double INTERVAL_HOURS = Slice.INTERVAL / 3.6e6;
    private static final int BANDS = 10;

    private final Tally tally;
    private final ReportSettings settings;

    ReportWriter(Tally tally, ReportSettings settings) {
        this.tally = tally;
        this.settings = settings;
    }

    /** @param requested GPU-hours that pods requested, by namespace; null if the server has no such data */
    Report report(@Nullable Map<String, Double> requested, List<String> trouble) {
        Tally.Sums all = new Tally.Sums();
        tally.nodes.values().forEach(node -> all.add(sum(node)));
        Tally.Sums charged = new Tally.Sums();
        tally.groups.values().forEach(group -> charged.add(group.sums));
        Tally.Sums idle = new Tally.Sums();
        idle.add(Quantity.CHARGED, all, Quantity.IDLE);
        Tally.Sums unattributed = new Tally.Sums();
        unattributed.add(Quantity.HELD, all, Quantity.UNATTRIBUTED);
        unattributed.add(Quantity.WORK_JOULES, all, Quantity.UNATTRIBUTED_JOULES);
        List<Report.Line> lines =
                new ArrayList<>(most(Quantity.CHARGED).map(this::line).toList());
        lines.add(new Report.Line(List.of("(idle)"), figures(idle, null, null, null, null)));
        lines.add(new Report.Line(List.of("(unattributed)"), figures(unattributed, null, null, null, null)));
        BigDecimal cost = cost(charged);
        charged.add(idle);
        charged.add(unattributed);
        return new Report(
                time(tally.range.from()),
                time(tally.range.to()),
                settings.range().zone().getId(),
                (int) ReportSettings.INTERVAL.toSeconds(),
                settings.share().name().toLowerCase(Locale.ROOT),
                settings.by(),
                settings.prices().none() ? "" : settings.prices().currency(),
                lines,
                figures(charged, null, null, spread(charged), cost),
                gpus(),
                nodes(),
                coverage(),
                requested == null ? null : requested(requested),
                notes(all, requested != null, trouble),
                new Report.Charts(tally.range, memory(), heat()));
    }

    private Stream<Map.Entry<List<String>, Tally.Group>> most(Quantity quantity) {
        return tally.groups.entrySet().stream()
                .sorted(Comparator.comparingDouble((Map.Entry<List<String>, Tally.Group> entry) ->
                                -entry.getValue().sums.get(quantity))
                        .thenComparing(entry -> entry.getKey().toString()));
    }

    private Report.Line line(Map.Entry<List<String>, Tally.Group> entry) {
        Tally.Group group = entry.getValue();
        double hours = Math.max(1, group.held.cardinality()) * INTERVAL_HOURS;
        return new Report.Line(
                entry.getKey(),
                figures(
                        group.sums,
                        number(group.peak / GIB),
                        number(group.sums.get(Quantity.HELD) / hours),
                        spread(group.sums),
                        cost(group.sums)));
    }

    private static Report.Figures figures(
            Tally.Sums sums,
            @Nullable BigDecimal peak,
            @Nullable BigDecimal mean,
            @Nullable BigDecimal spread,
            @Nullable BigDecimal cost) {
        return new Report.Figures(
                number(sums, Quantity.CHARGED),
                number(sums, Quantity.HELD),
                peak,
                mean,
                number(sums, Quantity.SM),
                number(sums, Quantity.WORK_JOULES),
                spread,
                cost);
    }

    private @Nullable BigDecimal spread(Tally.Sums sums) {
        return settings.spreadEnergy() ? number(sums, Quantity.SPREAD_JOULES) : null;
    }

    private @Nullable BigDecimal cost(Tally.Sums sums) {
        ReportSettings.Prices prices = settings.prices();
        if (prices.none()) {
            return null;
        }
        double kwh = sums.get(Quantity.WORK_JOULES) + (settings.spreadEnergy() ? sums.get(Quantity.SPREAD_JOULES) : 0);
        return number(price(prices.gpuHour()) * sums.get(Quantity.CHARGED)
                + price(prices.gibHour()) * sums.get(Quantity.HELD)
                + price(prices.kwh()) * kwh);
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
        return tally.nodes.entrySet().stream()
                .map(entry -> device(entry.getKey(), "", new Tally.Device("", "", sum(entry.getValue()))))
                .toList();
    }

    private static Tally.Sums sum(Tally.Node node) {
        Tally.Sums sum = new Tally.Sums();
        node.devices.values().forEach(device -> sum.add(device.sums()));
        return sum;
    }

    private static Report.Device device(String node, String uuid, Tally.Device device) {
        Function<Quantity, BigDecimal> of = quantity -> number(device.sums(), quantity);
        return new Report.Device(
                node,
                device.index(),
                uuid,
                device.model(),
                of.apply(Quantity.OBSERVED),
                of.apply(Quantity.OCCUPIED),
                of.apply(Quantity.IDLE),
                of.apply(Quantity.USED),
                of.apply(Quantity.HELD),
                of.apply(Quantity.UNATTRIBUTED),
                of.apply(Quantity.TOTAL),
                of.apply(Quantity.JOULES),
                of.apply(Quantity.UNATTRIBUTED_JOULES));
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
                gaps.add(new Report.Gap(time(tally.range.begin(begin)), time(tally.range.begin(i))));
            }
        }
        return gaps;
    }

    private List<Report.Requested> requested(Map<String, Double> requested) {
        return requested.entrySet().stream()
                .map(entry -> new Report.Requested(
                        entry.getKey(),
                        number(entry.getValue()),
                        number(tally.namespaces.getOrDefault(entry.getKey(), 0.0) / 3600)))
                .toList();
    }

    private List<String> notes(Tally.Sums all, boolean requested, List<String> trouble) {
        List<String> notes = new ArrayList<>(trouble);
        notes.add("Each 5-minute interval of an occupied GPU is divided fully among its workloads, by "
                + settings.share().name().toLowerCase(Locale.ROOT) + ".");
        notes.add("A peak is the maximum memory of one workload of the row on one GPU.");
        if (all.get(Quantity.USED) > 0) {
            notes.add(String.format(
                    Locale.ROOT,
                    "%.2f %% of the memory used and %.2f %% of the energy are unattributed.",
                    100 * all.get(Quantity.UNATTRIBUTED) / all.get(Quantity.USED),
                    100 * all.get(Quantity.UNATTRIBUTED_JOULES) / Math.max(1e-9, all.get(Quantity.JOULES))));
        }
        if (coverage().stream().anyMatch(node -> !node.gaps().isEmpty())) {
            notes.add(
                    "Parts of the time range have no data; see coverage. No GPU-hours are charged for them. Increases of counters across such a"
                            + " gap are spread over it.");
        }
        if (!requested) {
            notes.add(
                    "Requested and used GPU-hours are not compared: the server has no kube_pod_container_resource_requests for GPUs.");
        }
        return notes;
    }

    private List<Report.Band> memory() {
        List<Map.Entry<List<String>, Tally.Group>> largest = most(Quantity.HELD).toList();
        List<Report.Band> bands = new ArrayList<>();
        double[] others = new double[tally.range.columns()];
        for (int k = 0; k < largest.size(); k++) {
            double[] values = k < BANDS ? new double[others.length] : others;
            for (int i = 0; i < values.length; i++) {
                long millis = tally.range.columnBegin(i + 1) - tally.range.columnBegin(i);
                values[i] += largest.get(k).getValue().columns[i] * 1e3 / millis;
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
                        IntStream.range(0, tally.range.columns())
                                .mapToDouble(i -> entry.getValue().total[i] == 0
                                        ? Double.NaN
                                        : entry.getValue().used[i] / entry.getValue().total[i])
                                .toArray()))
                .toList();
    }

    private String time(long millis) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                Instant.ofEpochMilli(millis).atZone(settings.range().zone()));
    }

    private static BigDecimal number(Tally.Sums sums, Quantity quantity) {
        return number(sums.get(quantity));
    }

    /**
     * Rounds to four decimal places, in two steps. Agents are read in any order, which changes the last bits of a sum. The first step removes
     * them, so that a value halfway between two results always rounds the same way.
     */
    private static BigDecimal number(double value) {
        return BigDecimal.valueOf(value).setScale(8, RoundingMode.HALF_EVEN).setScale(4, RoundingMode.HALF_EVEN);
    }
}
