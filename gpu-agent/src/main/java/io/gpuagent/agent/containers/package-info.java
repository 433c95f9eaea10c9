/** Container names: a directory that never blocks its caller, and the sources that it queries in the background. */
@NullMarked
package io.gpuagent.agent.containers;

import org.jspecify.annotations.NullMarked;
