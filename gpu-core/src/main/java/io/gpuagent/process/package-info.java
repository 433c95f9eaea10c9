/** The host's processes, read from {@code /proc}. */
@NullMarked
package io.gpuagent.process;

import org.jspecify.annotations.NullMarked;
