/** The backend interface and what a backend reports: GPU identities, readings, memory and process lists. */
@NullMarked
package io.gpuagent.device;

import org.jspecify.annotations.NullMarked;
