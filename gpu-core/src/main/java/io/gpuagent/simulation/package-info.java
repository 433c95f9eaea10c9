/** Simulates a node: the backend, the processes and the container names come from one scenario file. */
@NullMarked
package io.gpuagent.simulation;

import org.jspecify.annotations.NullMarked;
