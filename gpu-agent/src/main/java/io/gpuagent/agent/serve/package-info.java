/** The command {@code serve}: the exporter. */
@NullMarked
package io.gpuagent.agent.serve;

import org.jspecify.annotations.NullMarked;
