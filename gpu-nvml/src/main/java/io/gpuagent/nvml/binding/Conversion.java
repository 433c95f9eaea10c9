package io.gpuagent.nvml.binding;

import static org.bytedeco.cuda.global.nvml.NVML_SUCCESS;
import static org.bytedeco.cuda.global.nvml.NVML_VALUE_TYPE_DOUBLE;
import static org.bytedeco.cuda.global.nvml.NVML_VALUE_TYPE_SIGNED_INT;
import static org.bytedeco.cuda.global.nvml.NVML_VALUE_TYPE_SIGNED_LONG_LONG;
import static org.bytedeco.cuda.global.nvml.NVML_VALUE_TYPE_UNSIGNED_INT;
import static org.bytedeco.cuda.global.nvml.NVML_VALUE_TYPE_UNSIGNED_LONG;
import static org.bytedeco.cuda.global.nvml.NVML_VALUE_TYPE_UNSIGNED_LONG_LONG;
import static org.bytedeco.cuda.global.nvml.NVML_VALUE_TYPE_UNSIGNED_SHORT;

import java.util.function.ToDoubleFunction;
import org.bytedeco.cuda.nvml.nvmlFieldValue_t;
import org.bytedeco.cuda.nvml.nvmlGpmMetric_t;

/** Converts a number from NVML to the metric's unit. An implausible number, such as a sentinel, becomes NaN. */
@FunctionalInterface
public interface Conversion {

    /**
     * The result if the driver reports that the value is unknown. Unlike NaN, it does not count as a rejected value.
     */
    double ABSENT = Double.NEGATIVE_INFINITY;

    /** An upper limit for plausible error counts: nine years at a million errors per second. */
    long MAX_ERRORS = 1L << 48;

    /** @param raw the bits that NVML wrote; for a 32-bit number, only the lower half is used */
    double of(long raw);

    /** An unsigned 32-bit number up to a maximum, multiplied by {@code unit}. */
    static Conversion upTo(long max, double unit) {
        return raw -> inRange(Integer.toUnsignedLong((int) raw), max) * unit;
    }

    /** A 64-bit number up to a maximum, multiplied by {@code unit}. */
    static Conversion upTo64(long max, double unit) {
        return raw -> inRange(raw, max) * unit;
    }

    /** A 64-bit error count. {@code 0xFFFFFFFF} is rejected: it is the sentinel of counters that have only 32 bits. */
    static double errors(long raw) {
        return raw == 0xFFFF_FFFFL ? Double.NaN : inRange(raw, MAX_ERRORS);
    }

    /**
     * A temperature, which may be below 0 °C. However, -1 is rejected: it is the sentinel of functions that return an
     * unsigned number, and the content of an unwritten buffer.
     */
    static double celsius(long raw) {
        return (int) raw == -1 ? Double.NaN : margin(raw);
    }

    /**
     * A temperature or margin, which may be -1 °C. The caller must fill the buffer with a value that is out of range,
     * so that an unwritten value is rejected.
     */
    static double margin(long raw) {
        int degrees = (int) raw;
        return degrees >= -60 && degrees <= 250 ? degrees : Double.NaN;
    }

    /** A performance state from 0 to 15. 32 means unknown ({@code NVML_PSTATE_UNKNOWN}). */
    static double performanceState(long raw) {
        return (int) raw == 32 ? ABSENT : inRange(Integer.toUnsignedLong((int) raw), 15);
    }

    /**
     * A GPM metric. Each metric has its own return code, which is an error if the device does not support the metric.
     */
    static ToDoubleFunction<nvmlGpmMetric_t> gpm(double max, double unit) {
        return metric -> metric.nvmlReturn() != NVML_SUCCESS ? ABSENT : inRange(metric.value(), max) * unit;
    }

    /**
     * 1 if a 64-bit mask contains any of the bits, otherwise 0. A mask with all bits set is rejected, because it was
     * not written.
     */
    static Conversion anyOf(long bits) {
        return raw -> raw == -1 ? Double.NaN : (raw & bits) == 0 ? 0 : 1;
    }

    /**
     * A field. It is absent if its own return code is an error, or if its type is not in {@code nvmlValueType_t} yet.
     */
    static ToDoubleFunction<nvmlFieldValue_t> field(double max, double unit) {
        return field -> {
            double number = number(field);
            return number == ABSENT ? ABSENT : inRange(number, max) * unit;
        };
    }

    /** A field with an error count. */
    static double fieldErrors(nvmlFieldValue_t field) {
        double number = number(field);
        return number == ABSENT || Double.isNaN(number) ? number : errors((long) number);
    }

    /** A field with a memory temperature. 0 is rejected: drivers return it if the temperature is unknown. */
    static double fieldMemoryCelsius(nvmlFieldValue_t field) {
        double number = number(field);
        return number == ABSENT ? ABSENT : number > 0 ? inRange(number, 250) : Double.NaN;
    }

    /**
     * A field with a temperature or margin. It is read as a signed number, whatever its type, since it may be negative.
     */
    static double fieldCelsius(nvmlFieldValue_t field) {
        return number(field) == ABSENT ? ABSENT : margin(field.value().siVal());
    }

    private static double number(nvmlFieldValue_t field) {
        if (field.nvmlReturn() != NVML_SUCCESS) {
            return ABSENT;
        }
        return switch (field.valueType()) {
            case NVML_VALUE_TYPE_DOUBLE -> field.value().dVal();
            case NVML_VALUE_TYPE_UNSIGNED_INT ->
                field.value().uiVal() == -1
                        ? Double.NaN
                        : Integer.toUnsignedLong(field.value().uiVal());
            case NVML_VALUE_TYPE_UNSIGNED_LONG, NVML_VALUE_TYPE_UNSIGNED_LONG_LONG, NVML_VALUE_TYPE_SIGNED_LONG_LONG ->
                field.value().sllVal();
            case NVML_VALUE_TYPE_SIGNED_INT -> field.value().siVal();
            case NVML_VALUE_TYPE_UNSIGNED_SHORT ->
                Short.toUnsignedInt(field.value().usVal());
            default -> ABSENT;
        };
    }

    private static double inRange(double number, double max) {
        return number >= 0 && number <= max ? number : Double.NaN;
    }
}
