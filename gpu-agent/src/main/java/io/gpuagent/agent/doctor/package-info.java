/** The command {@code doctor}: checks what works on this machine, what does not, and how to fix it. */
@NullMarked
package io.gpuagent.agent.doctor;

import org.jspecify.annotations.NullMarked;
