package io.gpuagent.usage;

/**
 * What a GPU has used since it was first sampled: a sum of our own, which goes on when the driver's counter starts anew. What workloads
 * were charged and the rest make the whole.
 *
 * @param joules of the GPU as a whole; never falls
 * @param unattributedJoules those that no workload was charged with; never falls
 */
public record Energy(double joules, double unattributedJoules) {}
