/** The agent's HTTP server: metrics, the snapshot as JSON, health endpoints and the status page. */
@NullMarked
package io.gpuagent.agent.http;

import org.jspecify.annotations.NullMarked;
