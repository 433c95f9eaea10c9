package io.gpuagent.agent.attribution;

import static io.gpuagent.testing.AgentProcess.value;

import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.Requirement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A stand-in library with one GPU, whose processes a test lists, and the packaged agent that reads it. */
@ExtendWith(Opened.Scope.class)
abstract class OneGpu {

    static final String MEMORY = "gpu_workload_memory_bytes";
    static final double MIB = 1 << 20;
    static final Duration START = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    FakeNvml fake;
    AgentProcess agent;
    private Opened opened;

    /** What the test needs besides a compiler. */
    abstract Set<Requirement> needs();

    @BeforeEach
    void buildLibrary(Opened opened) {
        this.opened = opened;
        Set<Requirement> needs = EnumSet.of(Requirement.CC);
        needs.addAll(needs());
        Requirement.require(needs);
        fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory);
        play();
    }

    void serve(String... flags) {
        Stream<String> all = Stream.concat(Stream.of(flags), Stream.of("--nvml.library=" + fake.library()));
        agent = opened.add(AgentProcess.serve(Map.of(), all.toArray(String[]::new)));
    }

    void play(String... processes) {
        fake.play("driver version=580.95.05\ndevice 0 uuid=GPU-0 name=\"Tesla P4\" mem_total=8G mem_other=11M\n"
                + String.join("\n", processes) + "\n");
    }

    String await(String what, Predicate<String> expected) {
        return agent.metrics(START, what, expected);
    }

    static boolean named(String page, String name, String id) {
        return !Double.isNaN(value(page, MEMORY, "workload=\"" + name + "\"", "\"" + id + "\""));
    }
}
