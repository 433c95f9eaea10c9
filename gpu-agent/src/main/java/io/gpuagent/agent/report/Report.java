package io.gpuagent.agent.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of a report, the same in every format. Numbers are rounded for display. The JSON format has the schema
 * {@code report.schema.json}.
 *
 * @param by the labels that rows are grouped by
 * @param lines the rows: groups by GPU-hours, then {@code (idle)} and {@code (unattributed)}; they add up to the total
 * @param notes notes for the reader
 */
record Report(
        String from,
        String to,
        String timeZone,
        int intervalSeconds,
        String share,
        List<String> by,
        String currency,
        List<Line> lines,
        Figures total,
        List<Device> gpus,
        List<Device> nodes,
        List<Coverage> coverage,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Requested> requested,
        List<String> notes,
        @JsonIgnore Charts charts) {

    /** The figures of a group. */
    record Line(List<String> group, Figures figures) {}

    /**
     * The figures of a row. Memory is in GiB, energy in kWh.
     *
     * @param peakGib the maximum memory of one workload on one GPU
     * @param meanGib the mean over the time in which memory was held
     * @param gpuHours GPU time charged to the group
     * @param spreadKwh the unattributed energy charged to the group by {@code --spread-energy}
     * @param cost null without prices
     */
    record Figures(
            BigDecimal gpuHours,
            BigDecimal gibHours,
            @Nullable BigDecimal peakGib,
            @Nullable BigDecimal meanGib,
            BigDecimal smHours,
            BigDecimal kwh,
            @Nullable BigDecimal spreadKwh,
            @Nullable BigDecimal cost) {}

    /** The figures of a GPU, or the sums of a node. */
    record Device(
            String node,
            String gpu,
            String uuid,
            String model,
            BigDecimal observedHours,
            BigDecimal occupiedHours,
            BigDecimal idleHours,
            BigDecimal usedGibHours,
            BigDecimal attributedGibHours,
            BigDecimal unattributedGibHours,
            BigDecimal totalGibHours,
            BigDecimal kwh,
            BigDecimal unattributedKwh) {}

    /**
     * The part of the range with data.
     *
     * @param percent the percentage of the range
     * @param gaps intervals without data; adjacent ones are merged
     */
    record Coverage(String node, BigDecimal percent, List<Gap> gaps) {}

    /** A time range without data. */
    record Gap(String from, String to) {}

    /** GPU-hours that the running pods of a namespace requested, and those charged to them. */
    record Requested(String namespace, BigDecimal requestedHours, BigDecimal usedHours) {}

    /**
     * The data of the charts.
     *
     * @param memory bytes held by each row, by column of the chart
     * @param heat the fraction of its memory that a node used, by column of the chart; NaN if unknown
     */
    record Charts(Slice range, List<Band> memory, List<Band> heat) {}

    /** A name and its values, by column of the chart. */
    record Band(String name, double[] values) {}
}
