/** The library's functions, called in-process through JavaCPP; the only code that knows {@code org.bytedeco}. Not for users. */
@NullMarked
package io.gpuagent.nvml.binding;

import org.jspecify.annotations.NullMarked;
