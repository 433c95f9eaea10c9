/** Workloads: the rules that find them and the directory that looks up container names. */
@NullMarked
package io.gpuagent.workload;

import org.jspecify.annotations.NullMarked;
