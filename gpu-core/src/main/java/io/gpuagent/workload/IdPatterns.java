package io.gpuagent.workload;

/** Regular expressions for ids in cgroup names. Runtimes write them in lower case only. */
final class IdPatterns {

    /** A 256-bit container id. */
    static final String HEX_64 = "[0-9a-f]{64}";

    static final String HEX_32 = "[0-9a-f]{32}";

    static final String UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    /**
     * A pod UID. systemd treats a dash in a slice name as a level of nesting, so the kubelet writes underscores there.
     */
    static final String POD_UUID = "[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}";

    private IdPatterns() {}
}
