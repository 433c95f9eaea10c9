package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Timeout.ThreadMode.SEPARATE_THREAD;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gpuagent.testing.Replay;
import io.gpuagent.workload.FuzzSeeds.Input;
import java.time.Duration;
import java.util.function.ToLongBiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rules with hostile text. {@code src/test/fuzz} runs the fuzzer; otherwise the targets replay the corpus and the
 * committed inputs.
 */
@Timeout(value = 60, threadMode = SEPARATE_THREAD)
class WorkloadRulesFuzzTest {

    private static final int MEGABYTE = 1 << 20;
    private static final int ATTEMPTS = 3;

    /**
     * The limit for the ratio of times when a text becomes eight times as long: linear time has a ratio of 8, quadratic
     * time of 64.
     */
    private static final int MAX_RATIO = 24;

    /** The kernel counts CPU time in units of 10 ms. */
    private static final Duration TICK = Duration.ofMillis(10);

    @RegisterExtension
    static final Replay REPLAY = new Replay();

    @MethodSource("io.gpuagent.workload.FuzzSeeds#files")
    @FuzzTest
    void anyFileHasTheFileProperties(byte[] bytes) {
        REPLAY.count("anyFileHasTheFileProperties");
        Input input = Input.of(bytes);
        FileProperties.check(input.cgroup(), input.mounts());
    }

    @MethodSource("io.gpuagent.workload.FuzzSeeds#paths")
    @FuzzTest
    void anyPathHasThePathProperties(byte[] bytes) {
        REPLAY.count("anyPathHasThePathProperties");
        PathProperties.check(Input.of(bytes).cgroup());
    }

    @FuzzTest
    void anyRepeatedTextIsParsedInLinearTime(byte[] bytes) {
        REPLAY.count("anyRepeatedTextIsParsedInLinearTime");
        String fragment = Input.of(bytes).cgroup();
        // A text that is linear at 64 KiB is linear at 1 MiB. A steep result is measured again with CPU time, because
        // wall time is unreliable on a busy machine.
        if (!fragment.isEmpty() && isSteep(fragment, MEGABYTE / 16, HostileFilesTest::parseAll)) {
            assertFalse(
                    isSteep(fragment, MEGABYTE, WorkloadRulesFuzzTest::cpuNanos),
                    "eight times the text took more than " + MAX_RATIO + " times as long");
        }
    }

    private static boolean isSteep(String fragment, int length, ToLongBiFunction<String, Integer> nanos) {
        return IntStream.range(0, ATTEMPTS).allMatch(attempt -> {
            long eighth = nanos.applyAsLong(fragment, length / 8);
            return nanos.applyAsLong(fragment, length) > MAX_RATIO * eighth;
        });
    }

    /**
     * CPU time in nanoseconds: independent of other processes, but too coarse for short texts. A tick is added so that
     * it is never 0.
     */
    private static long cpuNanos(String fragment, int length) {
        Duration start = cpuTime();
        HostileFilesTest.parseAll(fragment, length);
        return cpuTime().minus(start).plus(TICK).toNanos();
    }

    private static Duration cpuTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }
}
