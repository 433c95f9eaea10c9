package io.gpuagent.agent.cli;

import java.util.Optional;
import java.util.Properties;

/** Whether the Java machine runs with the flags of {@code gpu-agent.jvm}, which a bare {@code java -jar} does not read. */
public final class JvmFlags {

    private static final String MARK = "gpuagent.launcher";

    private JvmFlags() {}

    /**
     * What to tell of a machine without the flags; empty if it has them.
     *
     * @param properties the machine's system properties
     * @param maxHeapBytes the most its heap may take
     */
    public static Optional<String> advice(Properties properties, long maxHeapBytes) {
        if (Boolean.parseBoolean(properties.getProperty(MARK))) {
            return Optional.empty();
        }
        return Optional.of("runs without the flags in gpu-agent.jvm: the heap may grow to " + (maxHeapBytes >> 20)
                + " MiB, which costs some 300 MiB of memory instead of 85, and the open-file limit is raised, which makes the"
                + " driver's library allocate gigabytes under some container runtimes; start the gpu-agent launcher, or"
                + " java @gpu-agent.jvm -jar gpu-agent.jar");
    }
}
