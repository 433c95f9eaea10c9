package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** How an interval of a GPU is divided among its workloads: shares that add up to 1, or are all 0 where none used it. */
final class Division {

    private Division() {}

    static double[] shares(List<Books.Workload> workloads, int interval, ReportSettings.Share share) {
        double[] memory = normalised(workloads, workload -> Math.max(0, workload.bytes[interval]));
        double[] sm = normalised(workloads, workload -> Math.max(0, workload.sm[interval]));
        return switch (share) {
            case MEMORY -> sum(memory) > 0 ? memory : sm;
            case SM -> sum(sm) > 0 ? sm : memory;
            case MAX -> {
                double[] larger = new double[memory.length];
                for (int i = 0; i < larger.length; i++) {
                    larger[i] = Math.max(memory[i], sm[i]);
                }
                yield normalised(larger);
            }
        };
    }

    private static double[] normalised(List<Books.Workload> workloads, ToDoubleFunction<Books.Workload> amount) {
        return normalised(workloads.stream().mapToDouble(amount).toArray());
    }

    private static double[] normalised(double[] amounts) {
        double sum = sum(amounts);
        for (int i = 0; i < amounts.length && sum > 0; i++) {
            amounts[i] /= sum;
        }
        return amounts;
    }

    static double sum(double[] amounts) {
        double sum = 0;
        for (double amount : amounts) {
            sum += amount;
        }
        return sum;
    }
}
