/** A simulated node: backend, processes and container names from one scenario file. */
@NullMarked
package io.gpuagent.simulation;

import org.jspecify.annotations.NullMarked;
