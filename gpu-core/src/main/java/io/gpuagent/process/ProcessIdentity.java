package io.gpuagent.process;

/**
 * A process, distinguished from earlier and later processes with the same pid.
 *
 * @param startTicks start time in clock ticks since boot: field 22 of {@code /proc/PID/stat} (proc(5))
 */
public record ProcessIdentity(int pid, long startTicks) {}
