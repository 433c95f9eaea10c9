package io.gpuagent.nvml.binding;

/**
 * Converts a number that NVML wrote to the metric's unit. A number that cannot be true, such as a sentinel, becomes
 * NaN.
 */
@FunctionalInterface
public interface Conversion {

    /** The driver reports that the value is unknown: there is no value, and nothing is rejected. */
    double ABSENT = Double.NEGATIVE_INFINITY;

    /** @param offset the offset of the number in the buffer */
    double of(NativeMemory buffer, int offset);

    /** An unsigned 32-bit number up to a maximum. */
    static Conversion upTo(long max, double unit) {
        return (buffer, offset) -> inRange(buffer.uint32(offset), max) * unit;
    }

    /** A 64-bit number; values with the top bit set are sentinels. */
    static Conversion count64(double unit) {
        return (buffer, offset) -> buffer.int64(offset) < 0 ? Double.NaN : buffer.int64(offset) * unit;
    }

    /**
     * A temperature, which may be below 0 °C. But -1 is rejected: it equals the unsigned functions' sentinel and an
     * unwritten buffer.
     */
    static double celsius(NativeMemory buffer, int offset) {
        return buffer.int32(offset) == -1 ? Double.NaN : margin(buffer, offset);
    }

    /** A temperature or margin, which may be -1 °C. An unwritten value has to be out of range. */
    static double margin(NativeMemory buffer, int offset) {
        int degrees = buffer.int32(offset);
        return degrees >= -60 && degrees <= 250 ? degrees : Double.NaN;
    }

    /** 32 means unknown ({@code NVML_PSTATE_UNKNOWN}). */
    static double performanceState(NativeMemory buffer, int offset) {
        return buffer.uint32(offset) == 32 ? ABSENT : inRange(buffer.uint32(offset), 15);
    }

    /** A GPM metric, which has its own return code: an error if the device does not support the metric. */
    static Conversion gpm(double max, double unit) {
        return (buffer, offset) -> {
            double value = Double.longBitsToDouble(buffer.int64(offset + 8));
            return buffer.int32(offset + 4) != 0 ? ABSENT : value >= 0 && value <= max ? value * unit : Double.NaN;
        };
    }

    /** 1 if a 64-bit mask has one of the bits, otherwise 0. A mask with all bits set was not written. */
    static Conversion anyOf(long bits) {
        return (buffer, offset) -> buffer.int64(offset) == -1 ? Double.NaN : (buffer.int64(offset) & bits) == 0 ? 0 : 1;
    }

    /**
     * An entry of {@code nvmlFieldValue_t}: value type at 24, return code at 28, value at 32. There is no value if the
     * code is not success, or if {@code nvmlValueType_t} does not have the type yet.
     */
    static Conversion field(double max, double unit) {
        return (buffer, offset) -> {
            double number = fieldNumber(buffer, offset);
            return number == ABSENT ? ABSENT : number >= 0 && number <= max ? number * unit : Double.NaN;
        };
    }

    /** A temperature in such an entry, which may be negative whatever the value type is. */
    static double fieldCelsius(NativeMemory buffer, int offset) {
        return fieldNumber(buffer, offset) == ABSENT ? ABSENT : margin(buffer, offset + 32);
    }

    private static double fieldNumber(NativeMemory buffer, int offset) {
        if (buffer.int32(offset + 28) != 0) {
            return ABSENT;
        }
        return switch (buffer.int32(offset + 24)) {
            case 0 -> Double.longBitsToDouble(buffer.int64(offset + 32));
            case 1 -> buffer.int32(offset + 32) == -1 ? Double.NaN : buffer.uint32(offset + 32);
            case 2, 3, 4 -> buffer.int64(offset + 32);
            case 5 -> buffer.int32(offset + 32);
            case 6 -> buffer.uint32(offset + 32) & 0xFFFF;
            default -> ABSENT;
        };
    }

    private static double inRange(long number, long max) {
        return number <= max ? number : Double.NaN;
    }
}
