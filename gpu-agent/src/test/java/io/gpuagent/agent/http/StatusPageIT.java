package io.gpuagent.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.fasterxml.jackson.databind.JsonNode;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Browser;
import io.gpuagent.testing.Certificates;
import io.gpuagent.testing.Opened;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The status page of the packaged agent in a real browser. */
@ExtendWith(Opened.Scope.class)
class StatusPageIT {

    private static final String AXE = "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";
    private static final String ROWS = "document.querySelectorAll('#rows tr').length";
    private static final String CHARTS = "document.querySelectorAll('.plot canvas').length === 3";
    private static final String NAMES = "#rows .name";

    @TempDir
    Path directory;

    private Browser browser;

    @BeforeEach
    void start(Opened opened) throws IOException {
        browser = opened.add(Browser.start(Files.createDirectory(directory.resolve("profile"))));
        browser.size(1280, 1480);
    }

    @Test
    void memoryIsShownAndRefreshed() {
        try (AgentProcess agent = simulated()) {
            open(agent);
            assertEquals(List.of("GPU 0", "GPU 1", "GPU 2", "GPU 3"), browser.texts("#gpus h3"));
            assertTrue(browser.evaluate("document.querySelector('#gpus .bar i').offsetWidth > 2")
                    .asBoolean());
            assertTrue(
                    browser.texts(NAMES).contains("ollama.service"),
                    browser.texts(NAMES).toString());
            contains("#rows", "4.5 GiB");
            assertTrue(browser.shown("#simulated"));
            assertFalse(browser.shown("#trouble"));
            browser.awaitText("#findings", "simulated: no figure is real");
            browser.await("charts", CHARTS);
            awaitANewerSample();
            browser.await(
                    "the selection of a workload's chart", "document.querySelector('#which').options.length === 5");
            browser.evaluate("which.value = '2'; which.dispatchEvent(new Event('change'))");
            browser.awaitText(".charts .legend", "ollama.service");
            assertLoadedOnlyFrom("http://127.0.0.1:" + agent.port() + "/");
            assertEquals(List.of(), browser.complaints());
        }
    }

    @Test
    void aPausedPageRequestsNothing() {
        try (AgentProcess agent = simulated()) {
            open(agent);
            browser.evaluate("pause.click()");
            int requests = browser.requestedUrls().size();
            browser.evaluate("new Promise(done => setTimeout(done, 7000))");
            assertTrue(browser.requestedUrls().size() <= requests + 1);
            browser.evaluate("pause.click()");
            awaitANewerSample();
        }
    }

    @Test
    void theTableSortsAndFiltersWithTheKeyboardAlone() {
        try (AgentProcess agent = simulated()) {
            open(agent);
            tabTo("filter", "document.activeElement.id === 'filter'");
            browser.call("Input.insertText", Map.of("text", "unit GPU 2"));
            browser.await("two units", ROWS + " === 2");
            contains("#count", "2 of ");
            assertEquals(List.of("ollama.service", "user-1002/session"), browser.texts(NAMES));
            tabTo("the column", "document.activeElement.textContent === 'Workload'");
            browser.press("Enter", "\r");
            String sorted = "document.activeElement.parentElement.ariaSort";
            assertEquals("ascending", browser.evaluate(sorted).asText());
            browser.press("Enter", "\r");
            assertEquals("descending", browser.evaluate(sorted).asText());
            assertEquals(List.of("user-1002/session", "ollama.service"), browser.texts(NAMES));
            assertEquals(
                    1,
                    browser.evaluate("document.querySelectorAll('[aria-sort$=ending]').length")
                            .asInt());
        }
    }

    @Test
    void hostileNamesAreInert() throws IOException {
        List<String> names = List.of(
                "<img src=x onerror=hacked()>",
                "<script>hacked()</script>",
                "\\\"><svg/onload=hacked()>",
                "javascript:hacked()",
                "${metrics}",
                "</td></tr></table><iframe src=//example.invalid>",
                "\u202eturned");
        String scenario = "driver version=580.95.05\n"
                + "device 0 uuid=GPU-0 name=\"<b onclick=hacked()>L4</b>\" mem_total=22G\n"
                + IntStream.range(0, names.size())
                        .mapToObj(i -> ("proc 0 pid=%1$d mem=%1$dM cgroup=/docker/%2$s comm=\"<i>\" user=\"<u>\"%n"
                                        + "container id=%2$s name=\"%3$s\" image=\"<img src=//example.invalid/x>\"%n")
                                .formatted(900 - i, "%064d".formatted(i), names.get(i)))
                        .collect(Collectors.joining());
        try (AgentProcess agent = simulated(scenario)) {
            open(agent);
            assertEquals(names.stream().map(name -> name.replace("\\", "")).toList(), browser.texts(NAMES));
            assertEquals("<b onclick=hacked()>L4</b>", browser.text("#gpus .model"));
            browser.await("history", CHARTS);
            browser.evaluate("which.value = '0'; which.dispatchEvent(new Event('change'))");
            assertEquals(
                    0,
                    browser.evaluate(
                                    "document.querySelectorAll('main :is(img, script, svg, iframe, b[onclick])').length")
                            .asInt());
            assertLoadedOnlyFrom("http://127.0.0.1:" + agent.port() + "/");
            assertEquals(List.of(), browser.complaints());
        }
    }

    @Test
    void aBoardWithMigShowsItsInstancesAndTheirWorkloads() throws IOException {
        String scenario = "driver version=580.95.05\n"
                + "device 0 uuid=GPU-0 name=\"NVIDIA A100\" mem_total=40G mig=on\n"
                + "instance 0 slot=0 gi=1 uuid=MIG-1 profile=3g.20gb mem_total=20G\n"
                + "proc 0 pid=7 mem=5G gi=1 ci=0 cgroup=/system.slice/a.service comm=a\n";
        try (AgentProcess agent = simulated(scenario)) {
            open(agent);
            assertEquals("1:0 · a.service", browser.text("#gpus .legend .name"));
            contains("#gpus .facts", "MIG 1:0 3g.20gb 5.0 GiB of 20.0 GiB");
            assertEquals("1:0", browser.text("#rows .mig"));
            assertTrue(browser.shown("#rows .mig"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"light", "dark"})
    void axeFindsNoViolation(String scheme) throws IOException {
        try (AgentProcess agent = simulated()) {
            browser.prefer(scheme);
            open(agent);
            browser.awaitText("#findings", "simulated: no figure is real");
            browser.await("charts", CHARTS);
            browser.evaluate("document.querySelector('details').open = true");
            try (InputStream axe = Objects.requireNonNull(StatusPageIT.class.getResourceAsStream(AXE), AXE)) {
                browser.evaluate(new String(axe.readAllBytes(), StandardCharsets.UTF_8) + "; true");
            }
            JsonNode found =
                    browser.evaluate("axe.run(document).then(result => ({passes: result.passes.length, violations:"
                            + " result.violations.map(one => one.impact + ' ' + one.id + ' '"
                            + " + one.nodes.map(node => node.html + node.failureSummary).join())}))");
            assertTrue(found.get("passes").asInt() > 20, found.toString());
            assertEquals("[]", found.get("violations").toString());
            assertEquals(
                    scheme.equals("dark") ? "rgb(18, 20, 23)" : "rgb(251, 251, 250)",
                    browser.evaluate("getComputedStyle(document.body).backgroundColor")
                            .asText());
        }
    }

    @Test
    void aMissingDriverAndAMissingAgentAreReported() {
        try (AgentProcess agent = AgentProcess.serve(
                Map.of(), "--nvml.library=" + directory.resolve("none.so"), "--docker.host=off", "--oci.bundles=off")) {
            browser.open("http://127.0.0.1:" + agent.port() + "/");
            browser.awaitText("#trouble", "No figures: ");
            contains("#trouble", "none.so");
            assertEquals("down", browser.text("#state"));
            assertFalse(browser.shown("#simulated"));
            browser.awaitText("#verdict", "GPU use cannot be attributed");
        }
        browser.awaitText("#trouble", "The agent does not answer");
    }

    @Test
    void thePageWorksBehindTlsAndBasicAuthentication() throws IOException {
        new Certificates(directory).authority("ca").signed("ca", "server");
        Path config = Files.writeString(
                directory.resolve("web.yml"),
                "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\nbasic_auth_users:\n  ada: '"
                        + BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(6, "enigma".toCharArray()) + "'\n");
        try (AgentProcess agent = AgentProcess.serveProtected(
                "--backend=simulated", "--web.config.file=" + config, "--web.telemetry-path=/gpu")) {
            String user = Base64.getEncoder().encodeToString("ada:enigma".getBytes(StandardCharsets.UTF_8));
            browser.call("Network.setExtraHTTPHeaders", Map.of("headers", Map.of("Authorization", "Basic " + user)));
            browser.open("https://127.0.0.1:" + agent.port() + "/");
            browser.await("rows", ROWS + " > 0");
            String link = "document.querySelector('nav a').href";
            assertEquals(
                    "https://127.0.0.1:" + agent.port() + "/gpu",
                    browser.evaluate(link).asText());
            assertLoadedOnlyFrom("https://127.0.0.1:" + agent.port() + "/");
        }
    }

    private AgentProcess simulated() {
        return AgentProcess.serve(Map.of(), "--backend=simulated");
    }

    private AgentProcess simulated(String scenario) throws IOException {
        Path file = Files.writeString(directory.resolve("node.scenario"), scenario);
        return AgentProcess.serve(Map.of(), "--backend=simulated", "--scenario=" + file);
    }

    private void open(AgentProcess agent) {
        browser.open("http://127.0.0.1:" + agent.port() + "/");
        browser.await("rows", ROWS + " > 0");
    }

    private void contains(String selector, String text) {
        assertTrue(browser.text(selector).contains(text), browser.text(selector));
    }

    private void awaitANewerSample() {
        String before = browser.text("#age");
        browser.await("a newer sample", "document.querySelector('#age').textContent !== '" + before + "'");
    }

    private void tabTo(String what, String reached) {
        for (int i = 0; i < 20; i++) {
            browser.press("Tab", "");
            if (browser.evaluate(reached).asBoolean()) {
                return;
            }
        }
        throw new AssertionError("not within 20 tabs: " + what);
    }

    private void assertLoadedOnlyFrom(String origin) {
        List<String> requested = browser.requestedUrls();
        assertTrue(requested.size() > 10, requested.toString());
        assertEquals(
                List.of(),
                requested.stream()
                        .filter(url -> !url.startsWith(origin) && !url.startsWith("data:"))
                        .toList());
    }
}
