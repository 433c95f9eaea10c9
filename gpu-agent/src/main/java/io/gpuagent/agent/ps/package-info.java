/** A snapshot as a table or as CSV. */
@NullMarked
package io.gpuagent.agent.ps;

import org.jspecify.annotations.NullMarked;
