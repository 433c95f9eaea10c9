package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.cgroup.MountInfo;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Any file is parsed in linear time and without exceptions. */
class HostileFilesTest {

    private static final int MEGABYTE = 1 << 20;
    private static final Duration MAX_TIME = Duration.ofSeconds(10);

    /** Linear time has a ratio of 2, quadratic time of 4; the margin is for a busy machine. */
    private static final double MAX_RATIO = 3.5;

    private static final String HEX = "0123456789abcdef";
    private static final List<String> FRAGMENTS = List.of(
            "a",
            "/",
            "a/",
            ":",
            "\0",
            "\r",
            "\n",
            " ",
            "\\",
            "\\134",
            "0::/\n",
            "/..",
            "@",
            "@a",
            "_",
            "-pod",
            "kubepods",
            ":docker:",
            "docker-",
            "docker/",
            "lxc.payload.",
            "machine-lxc\\x2d1\\x2d",
            "systemd-nspawn@",
            "a.service/",
            "user@1.service/",
            "/pod" + HEX + HEX,
            HEX,
            "/" + HEX + HEX + "-1",
            "/ecs/" + HEX + HEX + "-",
            HEX.repeat(4) + "/conmon/",
            "/overlay-containers/" + HEX.repeat(4) + "/userdata/",
            "1 2 3:4 /a b c - cgroup cgroup d\n",
            " (deleted)");

    @TestFactory
    Stream<DynamicTest> megabyteIsParsedInLinearTime() {
        return FRAGMENTS.stream()
                .map(fragment -> DynamicTest.dynamicTest("of " + printable(fragment), () -> isLinear(fragment)));
    }

    private static void isLinear(String fragment) {
        parseAll(fragment, MEGABYTE / 8);
        double best = Double.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && best > MAX_RATIO; attempt++) {
            long half = parseAll(fragment, MEGABYTE / 2);
            long whole = parseAll(fragment, MEGABYTE);
            assertTrue(whole < MAX_TIME.toNanos(), () -> whole / 1_000_000 + " ms");
            best = Math.min(best, whole < 20_000_000 ? 0 : (double) whole / half);
        }
        double ratio = best;
        assertTrue(ratio <= MAX_RATIO, () -> "twice the text took " + ratio + " times as long");
    }

    /** The nanoseconds to parse a text of this length as every kind of line. */
    static long parseAll(String fragment, int length) {
        String body = fragment.repeat(length / fragment.length());
        long start = System.nanoTime();
        read("0::/" + body);
        read("1:" + body + ":/");
        read(body);
        read("1 2 3:4 /" + body + " /x rw - cgroup cgroup rw");
        read("1 2 3:4 /" + body + " /x rw - ext4 /dev/x rw");
        return System.nanoTime() - start;
    }

    @Test
    void randomBytesNeverThrow() {
        Random random = new Random(20260101);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            read(new String(bytes, StandardCharsets.ISO_8859_1));
            read("0::/" + new String(bytes, StandardCharsets.UTF_8));
        }
    }

    @Test
    void randomFragmentsNeverThrow() {
        Random random = new Random(4711);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "0::/" : "");
            for (int n = random.nextInt(12); n > 0; n--) {
                text.append(FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
            }
            read(text.toString());
        }
    }

    @Test
    void containerBelowAnOverlongNameIsFound() {
        String id = HEX.repeat(4);
        Optional<Workload> found = read("0::/" + "x".repeat(MEGABYTE) + "/docker-" + id + ".scope");
        assertEquals(Optional.of(new Workload.Container(ContainerRuntime.DOCKER, id, null, null)), found);
    }

    @Test
    void nameLongerThanNameMaxIsNotAWorkload() {
        assertEquals(Optional.empty(), read("0::/system.slice/" + "x".repeat(256) + ".service"));
        assertEquals(Optional.empty(), read("0::/lxc/" + "x".repeat(256)));
        assertEquals(Optional.of(new Workload.Lxc("x".repeat(255))), read("0::/lxc/" + "x".repeat(255)));
    }

    private static Optional<Workload> read(String text) {
        return WorkloadRules.workload(
                CgroupFile.parse(text), () -> MountInfo.parse(text), () -> HostMounts.owning(MountInfo.parse(text)));
    }

    private static String printable(String text) {
        return text.chars()
                .mapToObj(c -> c < ' ' ? "\\" + c : String.valueOf((char) c))
                .reduce("", String::concat);
    }
}
