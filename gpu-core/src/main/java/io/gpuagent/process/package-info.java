/** Processes of the host, read from {@code /proc}. */
@NullMarked
package io.gpuagent.process;

import org.jspecify.annotations.NullMarked;
