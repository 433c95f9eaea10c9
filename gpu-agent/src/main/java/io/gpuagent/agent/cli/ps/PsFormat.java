package io.gpuagent.agent.cli.ps;

import io.gpuagent.device.GpuMemory;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Numbers as a reader of a table wants them. What is not known is a question mark. */
final class PsFormat {

    static final String UNKNOWN = "?";

    private static final double MIB = 1L << 20;
    private static final double GIB = 1L << 30;

    private PsFormat() {}

    /** {@code 44 MiB}, {@code 1.9 GiB}; {@code <1 MiB} for what would be shown as nothing. */
    static String memory(@Nullable Long bytes) {
        if (bytes == null) {
            return UNKNOWN;
        }
        double size = Math.abs((double) bytes);
        if (size > 0 && size < MIB / 2) {
            return bytes < 0 ? ">-1 MiB" : "<1 MiB";
        }
        return Math.round(size / MIB) < 1024 ? format("%.0f MiB", bytes / MIB) : format("%.1f GiB", bytes / GIB);
    }

    static String memory(@Nullable GpuMemory memory, ToLongFunction<GpuMemory> bytes) {
        return memory == null ? UNKNOWN : memory(bytes.applyAsLong(memory));
    }

    /** {@code part} in percent of {@code whole}. */
    static String share(@Nullable Long part, @Nullable Long whole) {
        return part == null || whole == null || whole <= 0 ? UNKNOWN : format("%.1f%%", 100.0 * part / whole);
    }

    /** A ratio in whole percent. */
    static String percent(@Nullable Double ratio) {
        return ratio == null ? UNKNOWN : format("%.0f%%", 100 * ratio);
    }

    static String whole(@Nullable Double value, String unit) {
        return value == null ? UNKNOWN : format("%.0f", value) + unit;
    }

    private static String format(String form, double value) {
        return String.format(Locale.ROOT, form, value);
    }
}
