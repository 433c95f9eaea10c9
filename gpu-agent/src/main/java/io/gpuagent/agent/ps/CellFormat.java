package io.gpuagent.agent.ps;

import io.gpuagent.device.GpuMemory;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Formats the numbers in the tables of {@code ps}. Unknown values are shown as {@code ?}. */
final class CellFormat {

    static final String UNKNOWN = "?";

    private static final double MIB = 1L << 20;
    private static final double GIB = 1L << 30;

    private CellFormat() {}

    /** {@code 44 MiB}, {@code 1.9 GiB}; {@code <1 MiB} for a value above 0 that would round to 0. */
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

    /** {@code part} as a percentage of {@code whole}. */
    static String share(@Nullable Long part, @Nullable Long whole) {
        return part == null || whole == null || whole <= 0 ? UNKNOWN : format("%.1f%%", 100.0 * part / whole);
    }

    /** A ratio as a whole percentage. */
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
