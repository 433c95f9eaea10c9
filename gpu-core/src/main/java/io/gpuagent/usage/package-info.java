/** Samples of all GPUs, attributed to workloads, as one immutable snapshot. */
@NullMarked
package io.gpuagent.usage;

import org.jspecify.annotations.NullMarked;
