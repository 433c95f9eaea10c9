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

/** The rules on hostile text. Without a fuzzing run the targets replay the corpus and what fuzzing found; {@code src/test/fuzz} runs it. */
@Timeout(value = 60, threadMode = SEPARATE_THREAD)
class WorkloadRulesFuzzTest {

    private static final int MEGABYTE = 1 << 20;
    private static final int ATTEMPTS = 3;

    /** For eight times the text: linear is 8, quadratic 64. */
    private static final int STEEPEST = 24;

    /** The kernel counts processor time in hundredths of a second. */
    private static final Duration TICK = Duration.ofMillis(10);

    @RegisterExtension
    static final Replay REPLAY = new Replay();

    @MethodSource("io.gpuagent.workload.FuzzSeeds#files")
    @FuzzTest
    void anyFileKeepsTheRules(byte[] bytes) {
        REPLAY.count("anyFileKeepsTheRules");
        Input input = Input.of(bytes);
        FileProperties.hold(input.cgroup(), input.mounts());
    }

    @MethodSource("io.gpuagent.workload.FuzzSeeds#paths")
    @FuzzTest
    void anyPathKeepsTheRules(byte[] bytes) {
        REPLAY.count("anyPathKeepsTheRules");
        PathProperties.hold(Input.of(bytes).cgroup());
    }

    @FuzzTest
    void anythingRepeatedIsReadInLinearTime(byte[] bytes) {
        REPLAY.count("anythingRepeatedIsReadInLinearTime");
        String fragment = Input.of(bytes).cgroup();
        // What is not steep in 64 kB is not in a megabyte, and a clock that a busy machine has spoilt is asked again.
        if (!fragment.isEmpty() && isSteep(fragment, MEGABYTE / 16, HostileFilesTest::readAll)) {
            assertFalse(
                    isSteep(fragment, MEGABYTE, WorkloadRulesFuzzTest::processorNanos),
                    "eight times the text took more than " + STEEPEST + " times as long");
        }
    }

    private static boolean isSteep(String fragment, int length, ToLongBiFunction<String, Integer> nanos) {
        return IntStream.range(0, ATTEMPTS).allMatch(attempt -> {
            long eighth = nanos.applyAsLong(fragment, length / 8);
            return nanos.applyAsLong(fragment, length) > STEEPEST * eighth;
        });
    }

    /** Not disturbed by other processes, but too coarse for a short text; a tick more than none. */
    private static long processorNanos(String fragment, int length) {
        Duration start = processorTime();
        HostileFilesTest.readAll(fragment, length);
        return processorTime().minus(start).plus(TICK).toNanos();
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }
}
