/** Who used what over a time, added up from what a Prometheus server keeps. */
@NullMarked
package io.gpuagent.agent.report;

import org.jspecify.annotations.NullMarked;
