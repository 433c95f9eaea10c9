/** The interface of a backend, and the data that it reports: GPU identities, readings, memory and process lists. */
@NullMarked
package io.gpuagent.device;

import org.jspecify.annotations.NullMarked;
