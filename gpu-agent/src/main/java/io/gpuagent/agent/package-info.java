/** The agent's entry point. */
@NullMarked
package io.gpuagent.agent;

import org.jspecify.annotations.NullMarked;
