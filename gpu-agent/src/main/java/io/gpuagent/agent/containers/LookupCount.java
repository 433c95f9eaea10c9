package io.gpuagent.agent.containers;

/** How many lookups at a source ended in an outcome since the directory was made. */
public record LookupCount(String source, LookupOutcome outcome, long count) {}
