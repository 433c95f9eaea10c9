package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Divides the intervals of a GPU among its workloads. The shares add up to 1, or are all 0 if no workload used the GPU. */
final class Division {

    private Division() {}

    /** Sets, for each interval, whether the GPU was idle, and the amounts charged to each workload. */
    static void divide(Books.Account board, List<Books.Account> workloads, ReportSettings.Share share) {
        double[] observed = board.of(Quantity.OBSERVED);
        for (int i = 0; i < observed.length; i++) {
            double[] shares = shares(workloads, i, share);
            board.of(sum(shares) == 0 ? Quantity.IDLE : Quantity.OCCUPIED)[i] = observed[i];
            for (int k = 0; k < shares.length; k++) {
                Books.Account workload = workloads.get(k);
                workload.of(Quantity.CHARGED)[i] = shares[k] * observed[i];
                workload.of(Quantity.SPREAD_JOULES)[i] = shares[k] * board.of(Quantity.UNATTRIBUTED_JOULES)[i];
                board.of(Quantity.HELD)[i] += workload.of(Quantity.HELD)[i];
            }
        }
    }

    private static double[] shares(List<Books.Account> workloads, int interval, ReportSettings.Share share) {
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
