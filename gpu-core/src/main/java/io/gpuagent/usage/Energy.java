package io.gpuagent.usage;

/**
 * The energy that a GPU has used since it was first sampled. It keeps increasing even if the driver's counter is reset.
 * The energy charged to workloads and the unattributed part add up to the total.
 *
 * @param joules the total; never decreases
 * @param unattributedJoules the part that is charged to no workload; never decreases
 */
public record Energy(double joules, double unattributedJoules) {}
