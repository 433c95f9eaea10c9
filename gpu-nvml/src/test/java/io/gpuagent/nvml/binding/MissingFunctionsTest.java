package io.gpuagent.nvml.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests what is reported as unavailable for each function that a library lacks. */
class MissingFunctionsTest {

    private static final List<String> EVENTS =
            List.of("nvmlEventSetCreate", "nvmlDeviceRegisterEvents", "nvmlEventSetFree", "nvmlEventSetWait_v2");

    private static final List<String> GPM = List.of(
            "nvmlGpmQueryDeviceSupport",
            "nvmlGpmSampleAlloc",
            "nvmlGpmSampleGet",
            "nvmlGpmMetricsGet",
            "nvmlGpmSampleFree");

    @Test
    void everyCalledFunctionNamesWhatIsLostWithoutIt() throws IllegalAccessException {
        List<NvmlFunction> functions = new ArrayList<>(declared());
        ReadTable.ROWS.forEach(row -> functions.add(row.function()));
        DetailTable.ROWS.forEach(row -> functions.add(row.function()));
        for (NvmlFunction function : functions) {
            assertFalse(function.lost().isBlank(), function.symbol());
        }
    }

    @Test
    void everyCalledFunctionIsLookedUp() throws IllegalAccessException {
        Set<String> lookedUp = new TreeSet<>();
        MissingFunctions.of(symbol -> {
            lookedUp.add(symbol);
            return false;
        });
        Set<String> called =
                declared().stream().map(NvmlFunction::symbol).collect(Collectors.toCollection(TreeSet::new));
        ReadTable.ROWS.forEach(row -> called.add(row.function().symbol()));
        DetailTable.ROWS.forEach(row -> called.add(row.function().symbol()));
        UtilizationFunction.NEWEST_FIRST.forEach(
                utilization -> called.add(utilization.function().symbol()));
        called.add(Nvml.DRIVER_VERSION);
        called.addAll(EVENTS);
        called.addAll(GPM);
        called.add("nvmlEventSetWait");
        assertEquals(called, lookedUp);
    }

    /** Returns every function declared in {@link DeviceFunctions}, including those in lists. */
    private static List<NvmlFunction> declared() throws IllegalAccessException {
        List<NvmlFunction> functions = new ArrayList<>();
        for (Field field : DeviceFunctions.class.getFields()) {
            if (field.getType() == NvmlFunction.class) {
                functions.add((NvmlFunction) field.get(null));
            } else if (field.getType() == List.class) {
                ((List<?>) field.get(null)).forEach(function -> functions.add((NvmlFunction) function));
            }
        }
        assertTrue(functions.size() >= 15, functions.toString());
        return functions;
    }

    @Test
    void aCompleteLibraryLosesNothing() {
        assertEquals(Map.of(), MissingFunctions.of(symbol -> true));
    }

    @Test
    void anOlderListFunctionIsNotMissedIfTheNewestExists() {
        assertEquals(Map.of(), lacking(lists("_v2"), lists("")));
    }

    @Test
    void theNewestListFunctionIsNotMissedIfTheSecondProvidesTheSame() {
        assertEquals(Map.of(), lacking(lists("_v3")));
    }

    @Test
    void theUnsuffixedListsLackInstances() {
        assertEquals(
                Map.of("the MIG instance of each process", List.of(lists("_v2"))), lacking(lists("_v3"), lists("_v2")));
    }

    @Test
    void aListMissingInAllVersionsLosesItsProcesses() {
        String mps = "nvmlDeviceGetMPSComputeRunningProcesses";
        assertEquals(Map.of("MPS compute processes", List.of(mps)), lacking(mps, mps + "_v2", mps + "_v3"));
    }

    @Test
    void eitherTemperatureCallIsEnough() {
        assertEquals(Map.of(), lacking("nvmlDeviceGetTemperatureV"));
        assertEquals(Map.of(), lacking("nvmlDeviceGetTemperature"));
        List<String> both = List.of("nvmlDeviceGetTemperatureV", "nvmlDeviceGetTemperature");
        assertEquals(Map.of("gpu_temperature_celsius", both), lacking(both.toArray(String[]::new)));
    }

    @Test
    void aFunctionForTwoMetricsLosesBoth() {
        assertEquals(
                Map.of("gpu_utilization_ratio, gpu_memory_utilization_ratio", List.of("nvmlDeviceGetUtilizationRates")),
                lacking("nvmlDeviceGetUtilizationRates"));
    }

    @Test
    void missingMetricsAreOneEntryThatNamesEachFunctionOnce() {
        String rows = "nvmlDeviceGetRemappedRows";
        String clocks = "nvmlDeviceGetClockInfo";
        assertEquals(
                Map.of(
                        "gpu_clock_hertz, gpu_remapped_rows, gpu_row_remapping_pending, gpu_row_remapping_failed",
                        List.of(clocks, rows)),
                lacking(rows, clocks));
    }

    @Test
    void theOldMemoryCallCountsTheReserveAsUsed() {
        assertEquals(
                Map.of("the driver's reserve (used memory then includes it)", List.of("nvmlDeviceGetMemoryInfo_v2")),
                lacking("nvmlDeviceGetMemoryInfo_v2"));
        assertEquals(Map.of(), lacking("nvmlDeviceGetMemoryInfo"));
    }

    @Test
    void everyEventFunctionIsRequiredForEvents() {
        String[] waits = {"nvmlEventSetWait_v2", "nvmlEventSetWait"};
        assertEquals(Map.of("the MIG instance of each Xid", List.of(waits[0])), lacking(waits[0]));
        assertEquals(Map.of(), lacking(waits[1]));
        assertEquals(Map.of("Xid events", List.of(waits[0])), lacking(waits));
        assertEquals(Map.of("Xid events", EVENTS), lacking(EVENTS.toArray(String[]::new), waits));
        for (String symbol : EVENTS.subList(0, 3)) {
            assertEquals(Map.of("Xid events", List.of(symbol)), lacking(symbol));
        }
    }

    @Test
    void everyGpmFunctionIsRequiredForActivity() {
        assertEquals(Map.of("activity metrics (GPM)", GPM), lacking(GPM.toArray(String[]::new)));
        for (String symbol : GPM) {
            assertEquals(Map.of("activity metrics (GPM)", List.of(symbol)), lacking(symbol));
        }
    }

    @Test
    void eitherUtilizationCallIsEnough() {
        List<String> both = List.of("nvmlDeviceGetProcessesUtilizationInfo", "nvmlDeviceGetProcessUtilization");
        assertEquals(Map.of(), lacking(both.get(0)));
        assertEquals(Map.of(), lacking(both.get(1)));
        assertEquals(
                Map.of("GPU utilization and energy of each process", List.of(both.get(1))),
                lacking(both.toArray(String[]::new)));
    }

    private static String[] lists(String suffix) {
        return Stream.of("Compute", "Graphics", "MPSCompute")
                .map(kind -> "nvmlDeviceGet" + kind + "RunningProcesses" + suffix)
                .toArray(String[]::new);
    }

    private static Map<String, List<String>> lacking(String[]... symbols) {
        Set<String> missing = Stream.of(symbols).flatMap(Stream::of).collect(Collectors.toSet());
        return MissingFunctions.of(symbol -> !missing.contains(symbol));
    }

    private static Map<String, List<String>> lacking(String... symbols) {
        return lacking(new String[][] {symbols});
    }
}
