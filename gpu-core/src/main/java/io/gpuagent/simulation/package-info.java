/** A node without GPUs: backend, processes and container names played from one scenario file. */
@NullMarked
package io.gpuagent.simulation;

import org.jspecify.annotations.NullMarked;
