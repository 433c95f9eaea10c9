/** The agent's HTTP server: metrics, the snapshot as JSON, health and a landing page. */
@NullMarked
package io.gpuagent.agent.http;

import org.jspecify.annotations.NullMarked;
