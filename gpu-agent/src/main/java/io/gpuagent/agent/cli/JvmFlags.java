package io.gpuagent.agent.cli;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;

/** Checks whether the JVM runs with the flags in {@code gpu-agent.jvm}, which a bare {@code java -jar} does not read. */
public final class JvmFlags {

    private static final String MARK = "-Dgpuagent.launcher=true";

    private JvmFlags() {}

    /** A warning about this JVM; empty if it has the flags, or others that limit its heap. */
    public static Optional<String> advice() {
        return advice(
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                Runtime.getRuntime().maxMemory());
    }

    static Optional<String> advice(List<String> arguments, long maxHeapBytes) {
        return arguments.stream().anyMatch(flag -> flag.equals(MARK) || flag.matches("-Xmx.*|-XX:Max(Heap|RAM).*"))
                ? Optional.empty()
                : Optional.of("the heap may grow to " + (maxHeapBytes >> 20)
                        + " MiB: Java runs without the flags in gpu-agent.jvm, which the launcher gpu-agent passes");
    }
}
