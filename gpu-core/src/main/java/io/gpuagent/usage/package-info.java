/** Sampling, attribution to workloads, and the accounts; the result is an immutable snapshot. */
@NullMarked
package io.gpuagent.usage;

import org.jspecify.annotations.NullMarked;
