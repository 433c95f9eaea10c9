/** The command line: flags, environment and configuration file become settings. */
@NullMarked
package io.gpuagent.agent.cli;

import org.jspecify.annotations.NullMarked;
