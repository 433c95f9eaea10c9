/** Names of containers: a directory that never blocks its caller, and the sources it asks in the background. */
@NullMarked
package io.gpuagent.agent.containers;

import org.jspecify.annotations.NullMarked;
