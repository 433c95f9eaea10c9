/** Daemon threads and file stamps, which other packages use on top of the JDK. */
@NullMarked
package io.gpuagent.platform;

import org.jspecify.annotations.NullMarked;
