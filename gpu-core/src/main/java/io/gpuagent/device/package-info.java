/** GPUs as a backend tells of them: identities, readings, memory and process lists. */
@NullMarked
package io.gpuagent.device;

import org.jspecify.annotations.NullMarked;
