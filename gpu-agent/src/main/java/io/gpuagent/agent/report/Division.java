package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** How an interval of a GPU is divided among its workloads: shares that add up to 1, or are all 0 where none used it. */
final class Division {

    private Division() {}

    static double[] shares(List<Books.Account> workloads, int interval, ReportSettings.Share share) {
        double[] memory = shares(workloads, interval, Quantity.HELD);
        double[] sm = shares(workloads, interval, Quantity.SM);
        return switch (share) {
            case MEMORY -> sum(memory) > 0 ? memory : sm;
            case SM -> sum(sm) > 0 ? sm : memory;
            case MAX ->
                normalised(IntStream.range(0, sm.length)
                        .mapToDouble(i -> Math.max(memory[i], sm[i]))
                        .toArray());
        };
    }

    private static double[] shares(List<Books.Account> workloads, int interval, Quantity quantity) {
        return normalised(workloads.stream()
                .mapToDouble(workload -> workload.of(quantity)[interval])
                .toArray());
    }

    private static double[] normalised(double[] amounts) {
        double sum = sum(amounts);
        return sum == 0
                ? amounts
                : Arrays.stream(amounts).map(amount -> amount / sum).toArray();
    }

    static double sum(double[] amounts) {
        return Arrays.stream(amounts).sum();
    }
}
