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
 * Determines which optional functions a library lacks, and what is unavailable without them. The answer is derived from
 * the tables that also define the calls.
 */
final class MissingFunctions {

    private final Predicate<String> exported;
    private final Map<String, List<String>> symbols = new LinkedHashMap<>();

    private MissingFunctions(Predicate<String> exported) {
        this.exported = exported;
    }

    /**
     * Returns the missing functions. Each key says what is unavailable without the functions in its list. A function
     * with an available alternative is left out.
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
     * Adds what is unavailable because alternatives are missing. The alternatives are ordered from newest to oldest,
     * and each provides at least as much as the next. So the last missing one before the first available one determines
     * what is lost.
     */
    private void addAlternatives(List<NvmlFunction> newestFirst) {
        newestFirst.stream()
                .takeWhile(function -> !exported.test(function.symbol()))
                .reduce((before, last) -> last)
                .filter(last -> !last.lost().equals(NvmlFunction.NOTHING))
                .ifPresent(last -> add(last.lost(), Stream.of(last.symbol())));
    }

    /** Adds all unavailable metrics as a single entry, since an old library lacks many functions. */
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
