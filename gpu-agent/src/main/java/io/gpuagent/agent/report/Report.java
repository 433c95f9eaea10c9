package io.gpuagent.agent.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is reported, in every format the same. Numbers have the digits that they are shown with. As JSON it is described by
 * {@code report.schema.json}.
 *
 * @param by the labels that make a line
 * @param lines those of groups by GPU-hours, then {@code (idle)} and {@code (unattributed)}, which with the others make up the total
 * @param notes what a reader must know of the numbers
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
     * What was used. Memory is in GiB, energy in kWh.
     *
     * @param peakGib the most that one workload held at once on one GPU
     * @param meanGib while any was held
     * @param gpuHours its share of the time of GPUs
     * @param spreadKwh its share of energy that no workload accounts for
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

    /** A GPU, or all of a node. */
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
     * The part of the range of which there are data.
     *
     * @param percent of the range
     * @param gaps intervals without any, those side by side as one
     */
    record Coverage(String node, BigDecimal percent, List<Gap> gaps) {}

    /** A time without data. */
    record Gap(String from, String to) {}

    /** GPU-hours that pods of a namespace asked for while they ran, and those they are charged with. */
    record Requested(String namespace, BigDecimal requestedHours, BigDecimal usedHours) {}

    /**
     * What charts are drawn from.
     *
     * @param memory bytes held by each line, column by column
     * @param heat the part of its memory that a node used, column by column; not a number where that is not known
     */
    record Charts(Slice range, List<Band> memory, List<Band> heat) {}

    /** A name and its values, column by column. */
    record Band(String name, double[] values) {}
}
