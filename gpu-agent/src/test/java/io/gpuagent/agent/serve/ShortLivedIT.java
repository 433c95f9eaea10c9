package io.gpuagent.agent.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.PrometheusServer;
import io.gpuagent.testing.PrometheusServer.Sample;
import io.gpuagent.testing.Totals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The counters that a bill is made of, through the packaged agent and a real Prometheus, on a node whose containers
 * live for three seconds and that is scraped every 15 s. At its true pace the scenario takes three minutes ({@code
 * gpu-agent/src/test/short-lived}); the build plays it five times as fast.
 */
@Tag("alone")
class ShortLivedIT {

    private static final double PACE = Double.parseDouble(System.getProperty("pace", "0.2"));
    private static final double SCRAPE = 15 * PACE;
    private static final double WINDOW = 120 * PACE;

    /**
     * A faster pace needs a larger tolerance, because threads on a busy machine are late by milliseconds at any pace.
     */
    private static final double TOLERANCE = PACE < 1 ? 0.15 : 0.02;

    private static final double FAR_OFF = 0.3;

    private final ShortLivedScenario scenario = new ShortLivedScenario(PACE);

    @TempDir
    Path directory;

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(1000 * seconds));
    }

    @Test
    void containersThatLiveBetweenTwoScrapesAreBilledInFull() throws IOException {
        Path file = Files.writeString(directory.resolve("short-lived.scenario"), scenario.text());
        try (AgentProcess agent = AgentProcess.serve(
                        Map.of(),
                        "--backend=simulated",
                        "--scenario=" + file,
                        "--sample-interval=" + (PACE < 1 ? "100ms" : "1s"));
                PrometheusServer prometheus = PrometheusServer.scraping(agent.port(), directory, seconds(SCRAPE))) {
            Eventually.within(
                    Duration.ofMinutes(5),
                    "a scrape after the end",
                    () -> clock(prometheus, Double.NaN) >= scenario.end());
            double last = prometheus.scraped("up", Double.NaN);
            double first = prometheus.scraped("up", last - WINDOW + SCRAPE / 2);
            double from = clock(prometheus, first);
            double until = clock(prometheus, last);
            long lived = scenario.shortLived(from, until);
            System.out.printf(
                    "pace %s: %s, %d of them begin and end in the window of %.3f s; scraped every %s s%n",
                    PACE, scenario, lived, last - first, SCRAPE);
            assertTrue(lived >= 40, lived + " containers");
            Bills bills = new Bills(prometheus, first, last);
            bills.check("gpu_workload_memory_byte_seconds_total", scenario.byteSeconds(from, until));
            bills.checkGauge("gpu_workload_memory_bytes", scenario.byteSeconds(from, until));
            bills.check("gpu_workload_sm_seconds_total", scenario.smSeconds(from, until));
            bills.checkGauge("gpu_workload_sm_utilization_ratio", scenario.smSeconds(from, until));
            bills.check("gpu_workload_energy_joules_total", scenario.joules(from, until));
            bills.checkAlert("{xid=\"79\"}");
        }
    }

    /** The time in the scenario, in seconds, of the sample that was scraped last; 0 before the first scrape. */
    private static double clock(PrometheusServer prometheus, double time) {
        List<Sample> clock = prometheus.query("gpu_clock_hertz{gpu=\"0\",domain=\"sm\"}", time);
        return clock.isEmpty() ? 0 : clock.get(0).value() / 1e6;
    }

    /**
     * A window over which expressions are evaluated.
     *
     * @param first time of the scrape at which the window begins
     * @param last time of the scrape at which it ends
     */
    private record Bills(PrometheusServer prometheus, double first, double last) {

        /** The expression under Totals. It is exact whether it is evaluated at a scrape or between two scrapes. */
        private static final String DOCUMENTED = Totals.over("%1$s", "%2$s", Double.toString(WINDOW));

        /**
         * A simpler expression. It is exact only if it is evaluated at a scrape and another scrape happened exactly one
         * window earlier, to the millisecond. Otherwise, it misses usage at the start of the window.
         */
        private static final String ALIGNED = "(%1$s unless %1$s offset %2$s) or increase(%1$s[%2$s])";

        private static final String PLAIN = "increase(%1$s[%2$s])";

        void check(String counter, double truth) {
            System.out.printf("%s: truth %.6g%n", counter, truth);
            assertTrue(Math.abs(between(DOCUMENTED, counter, truth)) < TOLERANCE, counter);
            between(ALIGNED, counter, truth);
            assertTrue(Math.abs(atTheScrape(DOCUMENTED, counter, truth)) < TOLERANCE, counter);
            assertTrue(Math.abs(atTheScrape(ALIGNED, counter, truth)) < TOLERANCE, counter);
            assertTrue(Math.abs(atTheScrape(PLAIN, counter, truth)) > FAR_OFF, counter + ": increase() was right");
        }

        void checkGauge(String gauge, double truth) {
            double averaged = atTheScrape("avg_over_time(%1$s[%2$s]) * " + (last - first), gauge, truth);
            assertTrue(Math.abs(averaged) > FAR_OFF, gauge + ": the average was right");
        }

        private double atTheScrape(String form, String family, double truth) {
            long window = Math.round(1000 * (last - first));
            return error("", form, family, form.formatted(family, window + "ms"), last, truth);
        }

        /** Evaluates an expression between two scrapes, as Prometheus does with rules. */
        private double between(String form, String family, double truth) {
            String expression = form.formatted(family, Math.round(1000 * WINDOW) + "ms");
            return error(", between two scrapes", form, family, expression, last + SCRAPE / 2, truth);
        }

        private double error(String when, String form, String family, String expression, double time, double truth) {
            double sum =
                    prometheus.query("sum(" + expression + ")", time).get(0).value();
            double error = sum / truth - 1;
            String x = family.contains("total") ? "x" : family;
            System.out.printf("  %-60s %.6g, %+.2f %%%n", shown(form, x) + when, sum, 100 * error);
            return error;
        }

        private static String shown(String form, String x) {
            return form.equals(DOCUMENTED) ? "the expression under Totals" : form.formatted(x, "W");
        }

        /**
         * Checks that an alert fires on the first error of a kind. The counter of such an error appears with the value
         * 1 and does not change afterwards.
         */
        void checkAlert(String labels) {
            String counter = "gpu_xid_errors_total" + labels;
            String window = Math.round(1000 * WINDOW) + "ms";
            System.out.println(counter + ": truth 1");
            for (String form : List.of(DOCUMENTED, ALIGNED, PLAIN)) {
                List<Double> seen = prometheus.query("(" + form.formatted(counter, window) + ") > 0", last).stream()
                        .map(Sample::value)
                        .toList();
                System.out.printf("  %-60s %s%n", "(" + shown(form, "x") + ") > 0", seen);
                assertEquals(form.equals(PLAIN) ? List.of() : List.of(1.0), seen);
            }
            String lately = "time() - gpu_xid_last_seen_timestamp_seconds%s < %s".formatted(labels, WINDOW);
            assertEquals(1, prometheus.query(lately, last).size(), lately);
        }
    }
}
