package io.gpuagent.nvml.binding;

/** From what NVML wrote to the metric's unit. A number that cannot be true, such as a sentinel, becomes NaN. */
@FunctionalInterface
public interface Conversion {

    /** The driver says that it does not know: no value, and nothing wrong. */
    double ABSENT = Double.NEGATIVE_INFINITY;

    /**
     * @param at where the answer holds the number
     */
    double of(NativeMemory answer, int at);

    /** A number of 32 bits that is not above the most it can be. */
    static Conversion upTo(long most, double unit) {
        return (answer, at) -> ranged(answer.uint32(at), most) * unit;
    }

    /** A number of 64 bits; the half of the range that a sign would take is sentinels. */
    static Conversion count64(double unit) {
        return (answer, at) -> answer.int64(at) < 0 ? Double.NaN : answer.int64(at) * unit;
    }

    /** A card may be colder than 0; one degree colder is what the unsigned functions' sentinel looks like, and what was not written. */
    static double celsius(NativeMemory answer, int at) {
        return answer.int32(at) == -1 ? Double.NaN : margin(answer, at);
    }

    /** Degrees that may as well be -1; what was not written has to be out of their range. */
    static double margin(NativeMemory answer, int at) {
        int degrees = answer.int32(at);
        return degrees >= -60 && degrees <= 250 ? degrees : Double.NaN;
    }

    /** 32 is "unknown" ({@code NVML_PSTATE_UNKNOWN}). */
    static double performanceState(NativeMemory answer, int at) {
        return answer.uint32(at) == 32 ? ABSENT : ranged(answer.uint32(at), 15);
    }

    /** A metric of GPM's, with its own return code; one that the card does not have fails. */
    static Conversion gpm(double most, double unit) {
        return (answer, at) -> {
            double value = Double.longBitsToDouble(answer.int64(at + 8));
            return answer.int32(at + 4) != 0 ? ABSENT : value >= 0 && value <= most ? value * unit : Double.NaN;
        };
    }

    /** Whether one of the bits is in a mask of 64; one with all of them was not written. */
    static Conversion anyOf(long bits) {
        return (answer, at) -> answer.int64(at) == -1 ? Double.NaN : (answer.int64(at) & bits) == 0 ? 0 : 1;
    }

    /**
     * An entry of {@code nvmlFieldValue_t}, which has a return code at 28, the kind of number at 24 and the number at 32. A code other
     * than success, or a kind that {@code nvmlValueType_t} does not have yet, is no value.
     */
    static Conversion field(double most, double unit) {
        return (answer, at) -> {
            double number = fieldNumber(answer, at);
            return number == ABSENT ? ABSENT : number >= 0 && number <= most ? number * unit : Double.NaN;
        };
    }

    /** A degree in such an entry, which may be negative in whatever kind of number. */
    static double fieldCelsius(NativeMemory answer, int at) {
        return fieldNumber(answer, at) == ABSENT ? ABSENT : margin(answer, at + 32);
    }

    private static double fieldNumber(NativeMemory answer, int at) {
        if (answer.int32(at + 28) != 0) {
            return ABSENT;
        }
        return switch (answer.int32(at + 24)) {
            case 0 -> Double.longBitsToDouble(answer.int64(at + 32));
            case 1 -> answer.int32(at + 32) == -1 ? Double.NaN : answer.uint32(at + 32);
            case 2, 3, 4 -> answer.int64(at + 32);
            case 5 -> answer.int32(at + 32);
            case 6 -> answer.uint32(at + 32) & 0xFFFF;
            default -> ABSENT;
        };
    }

    private static double ranged(long number, long most) {
        return number <= most ? number : Double.NaN;
    }
}
