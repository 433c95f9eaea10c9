package io.gpuagent.agent.cli.doctor;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * What was found of one thing, for an operator.
 *
 * @param check the thing, in a word or two
 * @param mend how to mend it; empty where it is well
 */
public record Finding(String check, Verdict verdict, String text, String mend) {

    /** From the best to the worst. */
    public enum Verdict {
        OK,
        /** Something is lost, the main job works. */
        LIMITED,
        /** The main job, telling which workload uses how much of which GPU, cannot work. */
        BROKEN;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static Finding ok(String check, String text) {
        return new Finding(check, Verdict.OK, text, "");
    }

    public static Finding limited(String check, String text, String mend) {
        return new Finding(check, Verdict.LIMITED, text, mend);
    }

    public static Finding broken(String check, String text, String mend) {
        return new Finding(check, Verdict.BROKEN, text, mend);
    }
}
