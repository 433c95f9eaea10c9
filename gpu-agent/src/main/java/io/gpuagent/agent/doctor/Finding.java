package io.gpuagent.agent.doctor;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * One result of a check, for an operator.
 *
 * @param check the name of what was checked, in a word or two
 * @param fix how to fix it; empty if the verdict is {@code ok}
 */
public record Finding(String check, Verdict verdict, String text, String fix) {

    /** The verdicts, from best to worst. */
    public enum Verdict {
        OK,
        /** Some data is missing, but the agent can attribute GPU use to workloads. */
        LIMITED,
        /** The agent cannot attribute GPU use to workloads. */
        BROKEN;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static Finding ok(String check, String text) {
        return new Finding(check, Verdict.OK, text, "");
    }

    public static Finding limited(String check, String text, String fix) {
        return new Finding(check, Verdict.LIMITED, text, fix);
    }

    public static Finding broken(String check, String text, String fix) {
        return new Finding(check, Verdict.BROKEN, text, fix);
    }
}
