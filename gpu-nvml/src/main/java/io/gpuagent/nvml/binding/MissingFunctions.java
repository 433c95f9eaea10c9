package io.gpuagent.nvml.binding;

import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Series;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a library cannot tell, by the functions that it lacks: from the tables by which it is called. */
final class MissingFunctions {

    private final Predicate<String> exported;
    private final Map<String, List<String>> symbols = new LinkedHashMap<>();

    private MissingFunctions(Predicate<String> exported) {
        this.exported = exported;
    }

    /**
     * The functions that are missing, by what is lost with them. One whose answers another function gives as well is not among them.
     *
     * @param exported whether the library has the function
     */
    static Map<String, List<String>> of(Predicate<String> exported) {
        MissingFunctions losses = new MissingFunctions(exported);
        losses.add("the driver's version", missing(exported, Nvml.DRIVER_VERSION).stream());
        DeviceFunctions.CHOICES.forEach(losses::addChoice);
        DetailTable.ROWS.forEach(row -> losses.addChoice(List.of(row.function())));
        losses.addReadings();
        losses.add("activity (GPM)", Gpm.missing(exported).stream());
        losses.add("XIDs", EventSet.missing(exported).stream());
        losses.add("the MIG instance of each XID", EventSet.missingForInstances(exported).stream());
        return losses.symbols;
    }

    static List<String> missing(Predicate<String> exported, String... symbols) {
        return Stream.of(symbols).filter(exported.negate()).toList();
    }

    private void add(String lost, Stream<String> missing) {
        missing.forEach(symbol ->
                symbols.computeIfAbsent(lost, text -> new ArrayList<>()).add(symbol));
    }

    /** The last one missing before the one that is there tells what is lost: those before it are better still, or as good. */
    private void addChoice(List<NvmlFunction> newestFirst) {
        newestFirst.stream()
                .takeWhile(function -> !exported.test(function.symbol()))
                .reduce((before, last) -> last)
                .filter(last -> !last.lost().equals(NvmlFunction.NOTHING))
                .ifPresent(last -> add(last.lost(), Stream.of(last.symbol())));
    }

    /** All values together: an old library lacks many. */
    private void addReadings() {
        Set<Series> told = values(ReadTable.ROWS.stream()
                        .filter(row -> exported.test(row.function().symbol())))
                .map(Value::series)
                .collect(Collectors.toSet());
        Predicate<Value> lost = value -> !told.contains(value.series());
        List<Row> rows = ReadTable.ROWS.stream()
                .filter(row -> row.values().stream().anyMatch(lost))
                .toList();
        String metrics = ReadTable.metrics(values(rows.stream()).filter(lost).map(Value::metric));
        add(metrics, rows.stream().map(row -> row.function().symbol()).distinct());
    }

    private static Stream<Value> values(Stream<Row> rows) {
        return rows.flatMap(row -> row.values().stream());
    }
}
