/** The snapshot as Prometheus metrics. */
@NullMarked
package io.gpuagent.agent.metrics;

import org.jspecify.annotations.NullMarked;
