/** Exponential back-off. For the modules of this project only. */
@NullMarked
package io.gpuagent.retry;

import org.jspecify.annotations.NullMarked;
