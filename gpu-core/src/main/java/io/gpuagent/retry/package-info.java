/** Exponential back-off. Exported only to the other modules of this project. */
@NullMarked
package io.gpuagent.retry;

import org.jspecify.annotations.NullMarked;
