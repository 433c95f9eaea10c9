package io.gpuagent.workload;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.provider.Arguments;

/**
 * The seeds for fuzzing the rules: the corpus and the rule cases, as bytes.
 *
 * <p>An input is the text of a cgroup file and, after a form feed, of mountinfo. Ids may be written as placeholders
 * such as {@code {A}} ({@link WorkloadRulesTest#filled}): the fuzzer can move a short placeholder around, but not 64
 * digits.
 */
final class FuzzSeeds {

    private static final String MOUNTS = "\f";

    /** Longer inputs slow the fuzzer down and are covered by other tests. */
    private static final int MAX_LENGTH = 8192;

    private FuzzSeeds() {}

    /** A fuzzing input as text, decoded as {@code ProcFs} decodes a file. */
    record Input(String cgroup, String mounts) {

        static Input of(byte[] bytes) {
            String text = WorkloadRulesTest.filled(new String(bytes, StandardCharsets.UTF_8));
            int mounts = text.indexOf(MOUNTS);
            return mounts < 0
                    ? new Input(text, "")
                    : new Input(text.substring(0, mounts), text.substring(mounts + MOUNTS.length()));
        }
    }

    static Stream<Arguments> files() throws IOException {
        return Stream.concat(
                corpus(), WorkloadRulesTest.rows().map(row -> seed(row[0], WorkloadRulesTest.file(row[1]))));
    }

    static Stream<Arguments> corpus() {
        return CgroupCase.all().stream()
                .filter(c -> c.cgroup().length() <= MAX_LENGTH)
                .map(c -> seed(c.id(), c.cgroup() + (c.hasMounts() ? MOUNTS + c.mounts() : "")));
    }

    /** Only the paths, one per input. */
    static Stream<Arguments> paths() throws IOException {
        Stream<String> corpus =
                CgroupCase.all().stream().map(CgroupCase::cgroup).filter(text -> text.length() <= MAX_LENGTH);
        return Stream.concat(corpus, WorkloadRulesTest.rows().map(row -> WorkloadRulesTest.file(row[1])))
                .flatMap(String::lines)
                .map(line -> line.substring(line.lastIndexOf(":/") + 1))
                .distinct()
                .map(path -> seed("path " + path, path));
    }

    private static Arguments seed(String name, String text) {
        return Arguments.of(Named.of(name, text.getBytes(StandardCharsets.UTF_8)));
    }
}
