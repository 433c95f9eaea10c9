/** Reports of use over a time range, computed from the data on a Prometheus server. */
@NullMarked
package io.gpuagent.agent.report;

import org.jspecify.annotations.NullMarked;
