package io.gpuagent.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Browser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Measures how fast the status page of a very large node reacts. */
@Tag("alone")
class StatusPageSpeedIT {

    private static final String ROWS = "document.querySelectorAll('#rows tr').length";

    @TempDir
    Path directory;

    @Test
    void sixteenGpusWithFiveHundredWorkloadsEachStayResponsive() throws IOException {
        String scenario = "driver version=580.95.05\n"
                + IntStream.range(0, 16).mapToObj(StatusPageSpeedIT::crowded).collect(Collectors.joining());
        Path file = Files.writeString(directory.resolve("node.scenario"), scenario);
        try (AgentProcess agent = AgentProcess.serve(
                        Map.of(),
                        "--backend=simulated",
                        "--scenario=" + file,
                        "--max-workloads=10000",
                        "--sample-interval=5s");
                Browser browser = Browser.start(Files.createDirectory(directory.resolve("profile")))) {
            browser.open("http://127.0.0.1:" + agent.port() + "/");
            browser.awaitText("#count", "8,000");
            browser.await("the first refreshes", "performance.getEntriesByName('refresh').length > 0");
            System.out.println("first rows: " + measured(browser));
            assertEquals(100, browser.evaluate(ROWS).asInt());
            assertTrue(draw(browser) < 500, measured(browser));
            double filter =
                    milliseconds(browser, "filter.value = 'work-7 gpu 3'; filter.dispatchEvent(new Event('input'))");
            assertTrue(browser.text("#count").startsWith("11 of 8,000"), browser.text("#count"));
            browser.evaluate("filter.value = ''; filter.dispatchEvent(new Event('input'))");
            assertEquals("Show 500 more of 7,900", browser.text("#more"));
            double more = milliseconds(browser, "document.querySelector('#more').click()");
            assertEquals(600, browser.evaluate(ROWS).asInt());
            String before = browser.text("#age");
            browser.await("a newer sample", "document.querySelector('#age').textContent !== '" + before + "'");
            System.out.println("filter " + filter + " ms, 500 more rows " + more + " ms, then: " + measured(browser));
            assertTrue(filter < 500, filter + " ms");
            assertTrue(more < 1_000, more + " ms");
            assertTrue(draw(browser) < 500, measured(browser));
        }
    }

    private static String crowded(int gpu) {
        String device =
                "device %1$d uuid=GPU-%1$d name=\"NVIDIA H100\" mem_total=80G util=50 power=300%n".formatted(gpu);
        return device
                + IntStream.range(0, 500)
                        .mapToObj(i ->
                                "proc %d pid=%d mem=%dM..%dM/60s sm=1 comm=python3 cgroup=/system.slice/work-%d.service%n"
                                        .formatted(gpu, 10_000 + gpu * 500 + i, 20 + i % 90, 60 + i % 90, i))
                        .collect(Collectors.joining());
    }

    /** The time that a script takes, including the layout that it causes, in milliseconds. */
    private static double milliseconds(Browser browser, String script) {
        return browser.evaluate("(() => { const start = performance.now(); " + script
                        + "; document.body.offsetHeight; return performance.now() - start; })()")
                .asDouble();
    }

    private static double draw(Browser browser) {
        return browser.evaluate("performance.getEntriesByName('draw')[0].duration")
                .asDouble();
    }

    private static String measured(Browser browser) {
        return browser.evaluate("performance.getEntriesByType('measure').map(one => one.name + ' '"
                        + " + Math.round(one.duration) + ' ms').join(', ')")
                .asText();
    }
}
