package io.gpuagent.nvml.binding;

import io.gpuagent.device.ReturnCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Measures the duration of each NVML call that the agent makes, on the first GPU, and prints a Markdown table: {@code
 * CallTimes [LIBRARY [ROUNDS]]}. It is a separate program because a process can map only one library. The exit status
 * is 77 if there is no GPU.
 */
final class CallTimes {

    private static final int NO_GPU = 77;

    /** The calls by function. Several rows for the same function, such as one per fan, are separate calls. */
    private final Map<String, List<IntSupplier>> calls = new LinkedHashMap<>();

    private final Nvml nvml;
    private final DeviceHandle handle = new DeviceHandle();
    private final NativeMemory buffer = new NativeMemory(1 << 16);

    private CallTimes(Nvml nvml) {
        this.nvml = nvml;
        nvml.handle(0, handle);
        add(Nvml.COUNT, () -> nvml.deviceCount(buffer));
        add(Nvml.HANDLE, () -> nvml.handle(0, handle));
        Stream.concat(
                        DeviceFunctions.ALTERNATIVES.stream().flatMap(List::stream),
                        ReadTable.ROWS.stream().map(ReadTable.Row::function))
                .filter(function -> nvml.exports(function.symbol()))
                .forEach(function -> add(function.symbol(), () -> call(function)));
        if (nvml.supportsGpm()) {
            addActivity(nvml.gpm(), Gpm.newBuffer());
        }
    }

    private void addActivity(Gpm gpm, NativeMemory room) {
        add(Gpm.SUPPORT, () -> gpm.supports(handle, room));
        if (gpm.supports(handle, room) == ReturnCode.SUCCESS) {
            Gpm.Sample before = new Gpm.Sample();
            Gpm.Sample after = new Gpm.Sample();
            gpm.alloc(before);
            gpm.alloc(after);
            gpm.take(handle, before);
            add(Gpm.SAMPLE, () -> gpm.take(handle, after));
            add(Gpm.METRICS, () -> gpm.metrics(before, after, room));
        }
    }

    public static void main(String[] args) {
        Path library = args.length > 0 ? Path.of(args[0]) : null;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 100;
        try {
            Nvml nvml = Nvml.load(new LibrarySearch(library, Path.of("/")), null);
            long begin = System.nanoTime();
            int code = nvml.init();
            long took = System.nanoTime() - begin;
            if (code == ReturnCode.SUCCESS) {
                new CallTimes(nvml).print(rounds, took / 1000);
                nvml.shutdown();
                return;
            }
            System.err.println("no NVIDIA GPU: " + Nvml.INIT + " returned " + ReturnCode.name(code));
        } catch (LibraryNotLoadedException e) {
            System.err.println("no NVIDIA GPU: " + e.getMessage());
        }
        System.exit(NO_GPU);
    }

    private void add(String symbol, IntSupplier call) {
        calls.computeIfAbsent(symbol, unused -> new ArrayList<>()).add(call);
    }

    /**
     * Calls a function with a buffer that any function accepts: a capacity of 1000 entries at every offset where a
     * function may read one, and a timestamp of 0.
     */
    private int call(NvmlFunction function) {
        buffer.fill((byte) 0);
        buffer.putInt32(0, 1000);
        buffer.putInt32(4, 1000);
        return nvml.call(function, handle, buffer);
    }

    private void print(int rounds, long initMicros) {
        System.out.printf(
                "%s, driver %s, %d rounds, microseconds; %s took %d%n%n",
                text(DeviceFunctions.NAME), nvml.driverVersion(), rounds, Nvml.INIT, initMicros);
        System.out.println("| function | calls | median | 99th percentile | maximum | result |");
        System.out.println("|---|--:|--:|--:|--:|---|");
        calls.forEach((symbol, rows) -> System.out.println(row(symbol, rows, rounds)));
    }

    private static String row(String symbol, List<IntSupplier> rows, int rounds) {
        List<String> results = new ArrayList<>();
        rows.forEach(call -> results.add(ReturnCode.name(call.getAsInt()))); // warm-up, since the first call loads code
        long[] micros = LongStream.range(0, rounds)
                .flatMap(round -> rows.stream().mapToLong(CallTimes::micros))
                .sorted()
                .toArray();
        return "| `%s` | %d | %d | %d | %d | %s |"
                .formatted(
                        symbol,
                        rows.size(),
                        micros[micros.length / 2],
                        micros[(micros.length - 1) * 99 / 100],
                        micros[micros.length - 1],
                        String.join(", ", results.stream().distinct().toList()));
    }

    private static long micros(IntSupplier call) {
        long begin = System.nanoTime();
        call.getAsInt();
        return (System.nanoTime() - begin) / 1000;
    }

    private String text(NvmlFunction function) {
        return call(function) == ReturnCode.SUCCESS ? DeviceFunctions.text(buffer) : "unknown GPU";
    }
}
