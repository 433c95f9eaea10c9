/** Whom a process works for: workloads, the rules that find them and the directory that names them. */
@NullMarked
package io.gpuagent.workload;

import org.jspecify.annotations.NullMarked;
