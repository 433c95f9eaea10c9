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

/**
 * The optional functions that a library lacks, and what is unavailable without them; derived from the tables that drive
 * the calls.
 */
final class MissingFunctions {

    private final Predicate<String> exported;
    private final Map<String, List<String>> symbols = new LinkedHashMap<>();

    private MissingFunctions(Predicate<String> exported) {
        this.exported = exported;
    }

    /**
     * The missing functions, by what is unavailable without them. A function with an available alternative is left out.
     *
     * @param exported whether the library exports a symbol
     */
    static Map<String, List<String>> of(Predicate<String> exported) {
        MissingFunctions missing = new MissingFunctions(exported);
        missing.add("driver version", missing(exported, Nvml.DRIVER_VERSION).stream());
        DeviceFunctions.ALTERNATIVES.forEach(missing::addAlternatives);
        DetailTable.ROWS.forEach(row -> missing.addAlternatives(List.of(row.function())));
        missing.addReadings();
        missing.add("activity metrics (GPM)", Gpm.missing(exported).stream());
        missing.add("Xid events", EventSet.missing(exported).stream());
        missing.add("the MIG instance of each Xid", EventSet.missingForInstances(exported).stream());
        return missing.symbols;
    }

    static List<String> missing(Predicate<String> exported, String... symbols) {
        return Stream.of(symbols).filter(exported.negate()).toList();
    }

    private void add(String lost, Stream<String> missing) {
        missing.forEach(symbol ->
                symbols.computeIfAbsent(lost, text -> new ArrayList<>()).add(symbol));
    }

    /**
     * Adds what is unavailable because alternatives are missing. Of the alternatives missing before the first one
     * present, the last is decisive: earlier ones provide at least as much.
     */
    private void addAlternatives(List<NvmlFunction> newestFirst) {
        newestFirst.stream()
                .takeWhile(function -> !exported.test(function.symbol()))
                .reduce((before, last) -> last)
                .filter(last -> !last.lost().equals(NvmlFunction.NOTHING))
                .ifPresent(last -> add(last.lost(), Stream.of(last.symbol())));
    }

    /** Adds all metrics as a single entry, since an old library lacks many. */
    private void addReadings() {
        Set<Series> available = values(ReadTable.ROWS.stream()
                        .filter(row -> exported.test(row.function().symbol())))
                .map(Value::series)
                .collect(Collectors.toSet());
        Predicate<Value> lost = value -> !available.contains(value.series());
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
