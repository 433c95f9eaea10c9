package io.gpuagent.agent.metrics;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a page of metrics shows beside the snapshot.
 *
 * @param node the node's name; no {@code gpu_node_info} if empty
 * @param version the agent's version
 * @param legacy which lines the compatible family {@code used_gpu_memory} has
 * @param legacyUnit the label {@code unit} of that family
 * @param perProcess whether there are families with a pid
 * @param containerLabels keys of the container labels that {@code gpu_workload_info} has as {@code label_…}
 * @param lookups how often which container source answered what: counts by the pair (source, outcome)
 */
public record MetricOptions(
        String node,
        String version,
        Legacy legacy,
        LegacyUnit legacyUnit,
        boolean perProcess,
        List<String> containerLabels,
        Supplier<Map<List<String>, Long>> lookups) {

    public MetricOptions {
        containerLabels = List.copyOf(containerLabels);
    }

    /** The granularity of {@code used_gpu_memory}. */
    public enum Legacy {
        CONTAINER,
        PROCESS,
        OFF
    }

    /** What {@code used_gpu_memory} calls its unit. The values are bytes under either name: the first exporter said bits and meant bytes. */
    public enum LegacyUnit {
        BYTES,
        BITS
    }

    /** The options of a collector that is embedded in another program. */
    public static MetricOptions defaults() {
        String version = MetricOptions.class.getPackage().getImplementationVersion();
        return new MetricOptions(
                "", version == null ? "" : version, Legacy.CONTAINER, LegacyUnit.BYTES, false, List.of(), Map::of);
    }

    public MetricOptions withNode(String name) {
        return new MetricOptions(name, version, legacy, legacyUnit, perProcess, containerLabels, lookups);
    }

    public MetricOptions withVersion(String name) {
        return new MetricOptions(node, name, legacy, legacyUnit, perProcess, containerLabels, lookups);
    }

    public MetricOptions withLegacy(Legacy mode, LegacyUnit unit) {
        return new MetricOptions(node, version, mode, unit, perProcess, containerLabels, lookups);
    }

    public MetricOptions withPerProcess(boolean on) {
        return new MetricOptions(node, version, legacy, legacyUnit, on, containerLabels, lookups);
    }

    public MetricOptions withContainerLabels(List<String> keys) {
        return new MetricOptions(node, version, legacy, legacyUnit, perProcess, keys, lookups);
    }

    public MetricOptions withLookups(Supplier<Map<List<String>, Long>> counts) {
        return new MetricOptions(node, version, legacy, legacyUnit, perProcess, containerLabels, counts);
    }
}
