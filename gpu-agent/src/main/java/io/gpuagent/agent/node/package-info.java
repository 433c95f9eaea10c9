/** The node that the settings describe: its GPUs, processes and container names, real or simulated. */
@NullMarked
package io.gpuagent.agent.node;

import org.jspecify.annotations.NullMarked;
