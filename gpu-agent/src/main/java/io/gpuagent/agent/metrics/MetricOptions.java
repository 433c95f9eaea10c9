package io.gpuagent.agent.metrics;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Options of the metrics page.
 *
 * @param node the node's name; if empty, {@code gpu_node_info} is not exported
 * @param version the agent's version
 * @param legacy the granularity of the compatibility family {@code used_gpu_memory}
 * @param legacyUnit the value of the label {@code unit} of that family
 * @param perProcess whether to export families with a pid label
 * @param containerLabels keys of the container labels to export as {@code label_…} in {@code gpu_workload_info}
 * @param lookups supplies the number of container lookups, by source and outcome
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

    /**
     * The label {@code unit} of {@code used_gpu_memory}. Values are always in bytes; {@code bits} is what an earlier exporter wrote by
     * mistake.
     */
    public enum LegacyUnit {
        BYTES,
        BITS
    }

    /** The default options, for a collector that is embedded in another program. */
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
