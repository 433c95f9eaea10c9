package io.gpuagent.workload;

/** Regular expressions of the ids in cgroup names. All in lower case: no runtime writes another. */
final class IdPatterns {

    /** A container's id: 256 bits. */
    static final String HEX_64 = "[0-9a-f]{64}";

    static final String HEX_32 = "[0-9a-f]{32}";

    static final String UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    /** In a slice's name systemd reads a dash as a step down, so the kubelet writes underscores there. */
    static final String POD_UUID = "[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}";

    private IdPatterns() {}
}
