package io.gpuagent.workload;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.provider.Arguments;

/**
 * What fuzzing the rules starts from: the corpus and the cases of the rules, as bytes.
 *
 * <p>An input is the text of a cgroup file, and, behind a form feed, of mountinfo. IdPatterns may stand as {@code {A}} and its like
 * ({@link WorkloadRulesTest#filled}): so short a name is quickly put elsewhere, 64 digits are not.
 */
final class FuzzSeeds {

    private static final String MOUNTS = "\f";

    /** Longer ones slow the fuzzer down and are read by other tests. */
    private static final int LONGEST = 8192;

    private FuzzSeeds() {}

    /** A fuzzer's input as text, decoded as {@code ProcFs} decodes a file. */
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
                .filter(c -> c.cgroup().length() <= LONGEST)
                .map(c -> seed(c.id(), c.cgroup() + (c.hasMounts() ? MOUNTS + c.mounts() : "")));
    }

    /** The paths alone, one an input. */
    static Stream<Arguments> paths() throws IOException {
        Stream<String> corpus =
                CgroupCase.all().stream().map(CgroupCase::cgroup).filter(text -> text.length() <= LONGEST);
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
