/** Parsers of {@code /proc/PID/cgroup} and {@code /proc/PID/mountinfo}. */
@NullMarked
package io.gpuagent.cgroup;

import org.jspecify.annotations.NullMarked;
