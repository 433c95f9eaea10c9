/** The command {@code doctor}: what works here, what does not, and how to mend it. */
@NullMarked
package io.gpuagent.agent.cli.doctor;

import org.jspecify.annotations.NullMarked;
