/** The agent's entry point, which wires the other packages together. */
@NullMarked
package io.gpuagent.agent;

import org.jspecify.annotations.NullMarked;
