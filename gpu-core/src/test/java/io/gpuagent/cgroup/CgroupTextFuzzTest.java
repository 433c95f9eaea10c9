package io.gpuagent.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Timeout.ThreadMode.SEPARATE_THREAD;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gpuagent.testing.Replay;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.provider.MethodSource;

/** The result does not depend on equivalent spellings of a line, and no name affects the fields next to it. */
@Timeout(value = 60, threadMode = SEPARATE_THREAD)
class CgroupTextFuzzTest {

    @RegisterExtension
    static final Replay REPLAY = new Replay();

    @MethodSource("io.gpuagent.workload.FuzzSeeds#corpus")
    @FuzzTest
    void anyFileIsEqualAfterWritingAndParsing(byte[] bytes) {
        REPLAY.count("anyFileIsEqualAfterWritingAndParsing");
        CgroupFile file = CgroupFile.parse(text(bytes));
        assertEquals(file, CgroupFile.parse(written(file)));
        file.lines().forEach(CgroupTextFuzzTest::checkForm);
    }

    private static void checkForm(CgroupFile.Line line) {
        assertTrue(line.hierarchy().matches("[0-9]+"), line::toString);
        assertEquals(-1, (line.controllers() + line.path().names()).indexOf('\n'), line::toString);
        assertEquals(-1, line.controllers().indexOf(':'), line::toString);
        for (String name : line.path().names()) {
            assertFalse(name.contains("/") || name.length() > 255 || name.equals(".") || name.equals(".."), name);
        }
    }

    /**
     * Adds everything that the parser removes: dots and empty names, the suffix of a deleted cgroup, a carriage return.
     */
    private static String written(CgroupFile file) {
        return file.lines().stream()
                .map(line -> line.hierarchy() + ":" + line.controllers() + ":"
                        + "/..".repeat(line.path().up()) + "/.//" + written(line.path()) + " (deleted)\r\n")
                .collect(Collectors.joining());
    }

    /** Writes an empty name as an overlong one, which the parser turns into an empty name. */
    private static String written(KernelPath path) {
        return path.names().stream()
                .map(name -> name.isEmpty() ? "x".repeat(256) : name)
                .collect(Collectors.joining("/./"));
    }

    @MethodSource("names")
    @FuzzTest
    void anyNamesInAMountAreUnescaped(byte[] bytes) {
        REPLAY.count("anyNamesInAMountAreUnescaped");
        String name = text(bytes);
        KernelPath root = KernelPath.parse(name);
        String source = escaped("/" + name + "//deleted");
        String target = escaped("/" + name);
        String device = name.isEmpty() ? "none" : escaped(name);
        MountInfo mounts =
                MountInfo.parse("40 29 8:1 " + source + " " + target + " rw master:1 - ext4 " + device + " rw\n"
                        + "41 29 0:26 " + source + " " + target + " rw - cgroup2 " + device + " rw\n"
                        + "42 29 0:27 " + source + " " + target + " rw - cgroup " + device + " rw,name=systemd\n");
        MountInfo.Mount disk = new MountInfo.Mount("8:1", root, root);
        MountInfo.Mount unified = new MountInfo.Mount("0:26", root, root);
        MountInfo.Mount systemd = new MountInfo.Mount("0:27", root, root);
        assertEquals(List.of(disk, unified, systemd), mounts.mounts());
    }

    static Stream<byte[]> names() {
        return Stream.of(
                        "a",
                        "a/b",
                        "a b",
                        "a\tb",
                        "a\nb",
                        "#a",
                        "\\134",
                        "\\x2d",
                        "//deleted",
                        " - cgroup2 x rw",
                        "..",
                        "\u00e9")
                .map(name -> name.getBytes(StandardCharsets.UTF_8));
    }

    /** Escapes like the kernel's mangle_path and seq_escape: fs/seq_file.c, fs/proc_namespace.c. */
    private static String escaped(String text) {
        return text.replace("\\", "\\134")
                .replace(" ", "\\040")
                .replace("\t", "\\011")
                .replace("\n", "\\012")
                .replace("#", "\\043");
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
