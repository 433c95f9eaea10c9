/** The text of {@code /proc/PID/cgroup} and {@code /proc/PID/mountinfo} as values. */
@NullMarked
package io.gpuagent.cgroup;

import org.jspecify.annotations.NullMarked;
