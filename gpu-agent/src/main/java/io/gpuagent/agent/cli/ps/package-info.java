/** A snapshot as a table or as CSV. */
@NullMarked
package io.gpuagent.agent.cli.ps;

import org.jspecify.annotations.NullMarked;
