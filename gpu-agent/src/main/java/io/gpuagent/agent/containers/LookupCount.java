package io.gpuagent.agent.containers;

/** The number of lookups at a source with an outcome, since the directory was created. */
public record LookupCount(String source, LookupOutcome outcome, long count) {}
