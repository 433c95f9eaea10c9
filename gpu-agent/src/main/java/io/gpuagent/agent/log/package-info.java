/** The log: one line per record on standard error. */
@NullMarked
package io.gpuagent.agent.log;

import org.jspecify.annotations.NullMarked;
