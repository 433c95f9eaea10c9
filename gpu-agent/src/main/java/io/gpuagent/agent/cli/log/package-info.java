/** The log: one line per record on standard error. */
@NullMarked
package io.gpuagent.agent.cli.log;

import org.jspecify.annotations.NullMarked;
