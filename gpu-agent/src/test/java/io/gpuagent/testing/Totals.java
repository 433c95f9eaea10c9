package io.gpuagent.testing;

/** The PromQL expression for the increase of counters whose first sample is already their true value. */
public final class Totals {

    private Totals() {}

    /**
     * The increase of a counter over a window, by the expression under Totals in METRICS.md.
     *
     * @param seconds the length of the window
     */
    public static String over(String counter, String window, String seconds) {
        return """
                ((%1$s unless %1$s offset %2$s)
                  and on (job, instance) (gpu_agent_up offset %2$s or process_start_time_seconds > time() - %3$s))
                or (%1$s - last_over_time(%1$s[1h] offset %2$s) >= 0)
                or increase(%1$s[%2$s])
                """.formatted(counter, window, seconds).strip();
    }
}
