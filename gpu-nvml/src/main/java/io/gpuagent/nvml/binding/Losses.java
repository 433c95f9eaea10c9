package io.gpuagent.nvml.binding;

import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        ReadTable.ROWS.stream()
                .filter(row -> !exported.test(row.function().symbol()))
                .forEach(row -> addRow(losses, row, exported));
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

    private static void addRow(Map<String, List<String>> losses, Row missing, Predicate<String> exported) {
        String lost = ReadTable.metrics(missing.values().stream()
                .filter(value -> ReadTable.ROWS.stream()
                        .filter(row -> exported.test(row.function().symbol()))
                        .noneMatch(row -> tells(row, value)))
                .map(Value::metric));
        if (!lost.isEmpty()) {
            add(losses, lost, missing.function().symbol());
        }
    }

    private static boolean tells(Row row, Value value) {
        return row.values().stream()
                .anyMatch(other ->
                        other.metric() == value.metric() && other.labels().equals(value.labels()));
    }

    private static void add(Map<String, List<String>> losses, String lost, String symbol) {
        List<String> symbols = losses.computeIfAbsent(lost, text -> new ArrayList<>());
        if (!symbols.contains(symbol)) { // a function has a row for each thing it is asked for
            symbols.add(symbol);
        }
    }
}
