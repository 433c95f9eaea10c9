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

/**
 * Converts a number that NVML wrote to the metric's unit. A number that cannot be true, such as a sentinel, becomes
 * NaN.
 */
@FunctionalInterface
public interface Conversion {

    /** The driver reports that the value is unknown: there is no value, and nothing is rejected. */
    double ABSENT = Double.NEGATIVE_INFINITY;

    /** More errors than a counter reaches in years at a million per second. */
    long MAX_ERRORS = 1L << 48;

    /** @param raw the bits that NVML wrote; of a 32-bit number only the lower half counts */
    double of(long raw);

    /** An unsigned 32-bit number up to a maximum. */
    static Conversion upTo(long max, double unit) {
        return raw -> inRange(Integer.toUnsignedLong((int) raw), max) * unit;
    }

    /** A 64-bit number up to a maximum. */
    static Conversion upTo64(long max, double unit) {
        return raw -> inRange(raw, max) * unit;
    }

    /** A 64-bit number of errors. All bits of 32 set is the sentinel of the counters that have only so many. */
    static double errors(long raw) {
        return raw == 0xFFFF_FFFFL ? Double.NaN : inRange(raw, MAX_ERRORS);
    }

    /**
     * A temperature, which may be below 0 °C. But -1 is rejected: it equals the unsigned functions' sentinel and an
     * unwritten buffer.
     */
    static double celsius(long raw) {
        return (int) raw == -1 ? Double.NaN : margin(raw);
    }

    /** A temperature or margin, which may be -1 °C. An unwritten value has to be out of range. */
    static double margin(long raw) {
        int degrees = (int) raw;
        return degrees >= -60 && degrees <= 250 ? degrees : Double.NaN;
    }

    /** 32 means unknown ({@code NVML_PSTATE_UNKNOWN}). */
    static double performanceState(long raw) {
        return (int) raw == 32 ? ABSENT : inRange(Integer.toUnsignedLong((int) raw), 15);
    }

    /** A GPM metric, which has its own return code: an error if the device does not support the metric. */
    static ToDoubleFunction<nvmlGpmMetric_t> gpm(double max, double unit) {
        return metric -> metric.nvmlReturn() != NVML_SUCCESS ? ABSENT : inRange(metric.value(), max) * unit;
    }

    /** 1 if a 64-bit mask has one of the bits, otherwise 0. A mask with all bits set was not written. */
    static Conversion anyOf(long bits) {
        return raw -> raw == -1 ? Double.NaN : (raw & bits) == 0 ? 0 : 1;
    }

    /**
     * A field. There is no value if its own return code is not success, or if {@code nvmlValueType_t} does not have the
     * type yet.
     */
    static ToDoubleFunction<nvmlFieldValue_t> field(double max, double unit) {
        return field -> {
            double number = number(field);
            return number == ABSENT ? ABSENT : inRange(number, max) * unit;
        };
    }

    /** A field with a number of errors. */
    static double fieldErrors(nvmlFieldValue_t field) {
        double number = number(field);
        return number == ABSENT || Double.isNaN(number) ? number : errors((long) number);
    }

    /** A field with a temperature of memory, 0 where the driver does not know it. */
    static double fieldMemoryCelsius(nvmlFieldValue_t field) {
        double number = number(field);
        return number == ABSENT ? ABSENT : number > 0 ? inRange(number, 250) : Double.NaN;
    }

    /** A field with a temperature, which may be negative whatever the value type is. */
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
