/** What the other packages share on top of the JDK: daemon threads and file stamps. */
@NullMarked
package io.gpuagent.platform;

import org.jspecify.annotations.NullMarked;
