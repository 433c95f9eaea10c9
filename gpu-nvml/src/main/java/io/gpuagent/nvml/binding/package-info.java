/** Calls NVML in this process through JavaCPP. No other package uses {@code org.bytedeco}. Internal. */
@NullMarked
package io.gpuagent.nvml.binding;

import org.jspecify.annotations.NullMarked;
