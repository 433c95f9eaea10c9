/** NVML's functions, called in-process through JavaCPP; the only package that uses {@code org.bytedeco}. Internal. */
@NullMarked
package io.gpuagent.nvml.binding;

import org.jspecify.annotations.NullMarked;
