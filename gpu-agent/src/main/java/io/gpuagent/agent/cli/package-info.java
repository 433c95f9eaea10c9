/** The command line: reads flags, environment variables and the configuration file into settings. */
@NullMarked
package io.gpuagent.agent.cli;

import org.jspecify.annotations.NullMarked;
