package io.gpuagent.nvml.binding;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What a library cannot tell, by the functions that it lacks: from the tables by which it is called. */
final class Losses {

    private Losses() {}

    /**
     * The functions that are missing, by what is lost with them. One whose answers another function gives as well is not among them.
     *
     * @param exported whether the library has the function
     */
    static Map<String, List<String>> of(Predicate<String> exported) {
        Map<String, List<String>> losses = new LinkedHashMap<>();
        if (!exported.test(Nvml.DRIVER_VERSION)) {
            add(losses, "the driver's version", Nvml.DRIVER_VERSION);
        }
        DeviceFunctions.CHOICES.forEach(choice -> addChoice(losses, choice, exported));
        DetailTable.ROWS.forEach(row -> addChoice(losses, List.of(row.function()), exported));
        addReadings(losses, exported);
        Gpm.missing(exported).forEach(symbol -> add(losses, "activity (GPM)", symbol));
        EventSet.missing(exported).forEach(symbol -> add(losses, "XIDs", symbol));
        EventSet.missingForInstances(exported).forEach(symbol -> add(losses, "the MIG instance of each XID", symbol));
        return losses;
    }

    /** The last one missing before the one that is there tells what is lost: those before it are better still, or as good. */
    private static void addChoice(
            Map<String, List<String>> losses, List<NvmlFunction> newestFirst, Predicate<String> exported) {
        int missing = 0;
        while (missing < newestFirst.size()
                && !exported.test(newestFirst.get(missing).symbol())) {
            missing++;
        }
        if (missing > 0 && !newestFirst.get(missing - 1).lost().equals(NvmlFunction.NOTHING)) {
            add(
                    losses,
                    newestFirst.get(missing - 1).lost(),
                    newestFirst.get(missing - 1).symbol());
        }
    }

    /** All values together: an old library lacks many. */
    private static void addReadings(Map<String, List<String>> losses, Predicate<String> exported) {
        List<Row> present = ReadTable.ROWS.stream()
                .filter(row -> exported.test(row.function().symbol()))
                .toList();
        Set<DeviceMetric> metrics = new LinkedHashSet<>();
        Set<String> symbols = new LinkedHashSet<>();
        for (Row row : ReadTable.ROWS) {
            for (Value value : row.values()) {
                if (present.stream().noneMatch(other -> tells(other, value))) {
                    metrics.add(value.metric());
                    symbols.add(row.function().symbol());
                }
            }
        }
        if (!symbols.isEmpty()) {
            losses.put(ReadTable.metrics(metrics.stream()), List.copyOf(symbols));
        }
    }

    private static boolean tells(Row row, Value value) {
        return row.values().stream()
                .anyMatch(other ->
                        other.metric() == value.metric() && other.labels().equals(value.labels()));
    }

    private static void add(Map<String, List<String>> losses, String lost, String symbol) {
        losses.computeIfAbsent(lost, text -> new ArrayList<>()).add(symbol);
    }
}
