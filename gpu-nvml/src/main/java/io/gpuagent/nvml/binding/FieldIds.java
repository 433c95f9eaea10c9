package io.gpuagent.nvml.binding;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The origin of a row's field ids, and the libraries in which the ids have the expected meaning. NVIDIA changed the
 * meaning of some: 251 to 273 "have changed between 13.0 and 13.0U1/v580TRD2" (known issues in NVIDIA's NVML
 * reference).
 *
 * @param source the first {@code nvml.h} with these ids
 * @param from the first release with this meaning, in the form of {@link #release}; 0 if earlier libraries reject the
 *     ids
 * @param below the first release in which the ids mean something else, or may do so
 */
record FieldIds(String source, int from, int below) {

    /** The value for rows that read no fields. */
    static final FieldIds NONE = since("");

    private static final Pattern RELEASE = Pattern.compile("(?:^|\\.)(\\d{3})\\.(\\d{1,3})(?:\\.|$)");

    /** Ids whose meaning has never changed. */
    static FieldIds since(String source) {
        return new FieldIds(source, 0, Integer.MAX_VALUE);
    }

    /**
     * The driver release in the version of NVML or of the driver, as one number: 580082 for {@code 13.580.82.07}; 0 if
     * unknown.
     */
    static int release(String version) {
        Matcher matcher = RELEASE.matcher(version);
        return matcher.find() ? 1000 * Integer.parseInt(matcher.group(1)) + Integer.parseInt(matcher.group(2)) : 0;
    }

    /** Whether the ids are known to have the expected meaning in a release. */
    boolean hold(int release) {
        return release < below && (from == 0 || release >= from);
    }
}
