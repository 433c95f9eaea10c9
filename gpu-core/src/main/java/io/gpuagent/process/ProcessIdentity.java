package io.gpuagent.process;

/**
 * A process, distinct from every other that had or will have its pid.
 *
 * @param startTicks start time in clock ticks since boot: field 22 of {@code /proc/PID/stat} (proc(5))
 */
public record ProcessIdentity(int pid, long startTicks) {}
