package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.metrics.MetricOptions;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.process.UserLabel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvocationTest {

    @TempDir
    private Path directory;

    @Test
    void noArgumentsMeanTheExporterWithItsDefaults() {
        Settings expected = new Settings(
                new Settings.Web(new ListenAddress("", 9900), "/metrics", null),
                new Settings.Source(
                        Settings.Backend.AUTO,
                        null,
                        null,
                        Duration.ofSeconds(5),
                        "auto",
                        "auto",
                        List.of(),
                        false,
                        UserLabel.NAME,
                        null,
                        Path.of("/proc"),
                        Path.of("/")),
                new Settings.Metrics(
                        MetricOptions.Legacy.CONTAINER,
                        MetricOptions.LegacyUnit.BYTES,
                        false,
                        MetricSelection.DEFAULT.groups()),
                Duration.ofSeconds(1),
                new Settings.Accounts(Duration.ofMinutes(1), 5000),
                Settings.DriverUpgrade.EXIT,
                "the-host",
                new Settings.Log(Settings.Level.INFO, Settings.LogFormat.TEXT));
        assertEquals(new Invocation.RunServe(expected, List.of()), invoke());
        assertEquals(new Invocation.RunServe(expected, List.of()), invoke("serve"));
    }

    @Test
    void everyFlagReachesItsSetting() {
        Settings expected = new Settings(
                new Settings.Web(new ListenAddress("::1", 80), "/gpu/metrics", Path.of("web.yml")),
                new Settings.Source(
                        Settings.Backend.SIMULATED,
                        Path.of("world"),
                        Path.of("/lib/libnvidia-ml.so.1"),
                        Duration.ofSeconds(7),
                        "unix:///run/docker.sock",
                        "/a,/b",
                        List.of("app.kubernetes.io/name", "team"),
                        true,
                        UserLabel.UID,
                        Path.of("users"),
                        Path.of("/host/proc"),
                        Path.of("/host")),
                new Settings.Metrics(
                        MetricOptions.Legacy.PROCESS,
                        MetricOptions.LegacyUnit.BITS,
                        true,
                        EnumSet.complementOf(EnumSet.of(MetricGroup.ECC, MetricGroup.NVLINK))),
                Duration.ofMillis(100),
                new Settings.Accounts(Duration.ofMinutes(5), 70),
                Settings.DriverUpgrade.STAY,
                "n1",
                new Settings.Log(Settings.Level.DEBUG, Settings.LogFormat.JSON));
        assertEquals(
                new Invocation.RunServe(expected, List.of()),
                invoke(
                        "--web.listen-address=[::1]:80",
                        "--web.telemetry-path=/gpu/metrics",
                        "--web.config.file=web.yml",
                        "--backend=simulated",
                        "--scenario=world",
                        "--nvml.library=/lib/libnvidia-ml.so.1",
                        "--nvml.deadline=7s",
                        "--docker.host=unix:///run/docker.sock",
                        "--oci.bundles=/a,/b",
                        "--container.labels=app.kubernetes.io/name, team,,team",
                        "--container.users",
                        "--user-label=uid",
                        "--user.names=users",
                        "--path.procfs=/host/proc",
                        "--path.rootfs=/host",
                        "--legacy-metric=process",
                        "--legacy-metric-unit=bits",
                        "--collect.processes",
                        "--collect.pcie-throughput",
                        "--collect.gpm",
                        "--collect.nvlink=false",
                        "--no-collect.ecc",
                        "--sample-interval=100ms",
                        "--peak-window=5m",
                        "--max-workloads=70",
                        "--on-driver-upgrade=stay",
                        "--node-name=n1",
                        "--log.level=debug",
                        "--log.format=json"));
    }

    @ParameterizedTest
    @EnumSource(value = MetricGroup.class, mode = EnumSource.Mode.EXCLUDE, names = "BASIC")
    void aMetricGroupIsSelectedByFlagVariableAndFile(MetricGroup group) throws IOException {
        String variable = "GPU_AGENT_COLLECT_" + group.name();
        assertEquals(group.byDefault(), selected(serve(Map.of()), group));
        assertTrue(selected(serve(Map.of(), "--collect." + group.key()), group));
        assertFalse(selected(serve(Map.of(variable, "true"), "--no-collect." + group.key()), group));
        assertFalse(selected(serve(Map.of(variable, "false")), group));
        assertFalse(selected(serve(Map.of(), "--config=" + file("collect." + group.key() + "=false")), group));
    }

    private static boolean selected(Settings settings, MetricGroup group) {
        return settings.metrics().selection().groups().contains(group);
    }

    @Test
    void psHasItsOwnFlags() {
        assertEquals(new PsSettings(false, PsSettings.Format.TABLE, null), ps("ps"));
        assertEquals(new PsSettings(true, PsSettings.Format.CSV, null), ps("ps", "--processes", "--format=csv"));
        assertEquals(new PsSettings(false, PsSettings.Format.TABLE, Duration.ofSeconds(2)), ps("ps", "--watch"));
        assertEquals(new PsSettings(false, PsSettings.Format.TABLE, Duration.ofMillis(500)), ps("ps", "--watch=500ms"));
    }

    @Test
    void doctorWritesATableOrJson() {
        assertFalse(
                assertInstanceOf(Invocation.RunDoctor.class, invoke("doctor")).json());
        assertTrue(assertInstanceOf(Invocation.RunDoctor.class, invoke("doctor", "--format=json"))
                .json());
    }

    @Test
    void flagsMayPrecedeOrFollowTheCommand() {
        Invocation.RunPs ps = assertInstanceOf(
                Invocation.RunPs.class, invoke("--backend=nvml", "--log.level=warn", "ps", "--log.level=error"));
        assertEquals(Settings.Backend.NVML, ps.settings().source().backend());
        assertEquals(Settings.Level.ERROR, ps.settings().log().level());
    }

    @Test
    void aFlagOverridesAVariableWhichOverridesTheFile() throws IOException {
        String file = file("# our cluster", "", "log.level = warn", "log.format=json", "sample-interval=3s");
        Map<String, String> environment = Map.of("GPU_AGENT_LOG_LEVEL", "error", "GPU_AGENT_LOG_FORMAT", "text");
        Settings settings = serve(environment, "--config=" + file, "--log.level=debug");
        assertEquals(new Settings.Log(Settings.Level.DEBUG, Settings.LogFormat.TEXT), settings.log());
        assertEquals(Duration.ofSeconds(3), settings.sampleInterval());
    }

    @Test
    void theVariableMayNameTheFile() throws IOException {
        Settings settings = serve(Map.of("GPU_AGENT_CONFIG", file("node-name=from-file")));
        assertEquals("from-file", settings.nodeName());
    }

    @Test
    void anEmptyVariableSetsNothing() {
        assertEquals(
                "/metrics",
                serve(Map.of("GPU_AGENT_WEB_TELEMETRY_PATH", "")).web().telemetryPath());
    }

    @Test
    void anEmptyFlagUnsetsAnOptionalFile() {
        assertNull(serve(Map.of("GPU_AGENT_NVML_LIBRARY", "/x"), "--nvml.library=")
                .source()
                .nvmlLibrary());
    }

    @Test
    void theNodesNameComesFromTheFlagThenKubernetesThenTheHost() {
        Map<String, String> downward = Map.of("NODE_NAME", "from-kubernetes");
        assertEquals("from-flag", serve(downward, "--node-name=from-flag").nodeName());
        assertEquals("from-kubernetes", serve(downward).nodeName());
        assertEquals("the-host", serve(Map.of("NODE_NAME", "")).nodeName());
    }

    @Test
    void variableReferencesInValuesAreNotExpanded() {
        assertEquals(
                "${HOME}-$1", serve(Map.of("GPU_AGENT_NODE_NAME", "${HOME}-$1")).nodeName());
        assertEquals(
                "@file ${HOME}", serve(Map.of(), "--node-name=@file ${HOME}").nodeName());
    }

    @ParameterizedTest
    @EnumSource(
            value = Flag.class,
            names = {"DOCKER_HOST"},
            mode = EnumSource.Mode.EXCLUDE)
    void everyValueThatTheHelpOffersIsAccepted(Flag flag) {
        String command = Stream.of(Command.values())
                .filter(of -> Stream.of(Flag.Group.values())
                        .anyMatch(group -> group.belongsTo(of) && group.flags().contains(flag)))
                .findFirst()
                .orElseThrow()
                .word();
        Stream.of(flag.form.split("\\|"))
                .filter(word -> word.matches("[a-z]+"))
                .forEach(word -> assertFalse(
                        invoke(command, flag.option() + "=" + word) instanceof Invocation.RejectUsage,
                        flag.option() + "=" + word));
    }

    @ParameterizedTest
    @CsvSource({"500ms,500", "1.5s,1500", "2m,120000", "1h30m,5400000", "24h,86400000"})
    void aDurationHasAUnit(String text, long millis) {
        assertEquals(
                Duration.ofMillis(millis),
                serve(Map.of(), "--sample-interval=" + text).sampleInterval());
    }

    @Test
    void theLastOccurrenceOfAFlagCounts() {
        Settings settings =
                serve(Map.of(), "--log.level=info", "--node-name=a", "--log.level=debug", "--log.level=warn");
        assertEquals(Settings.Level.WARN, settings.log().level());
        assertTrue(selected(serve(Map.of(), "--no-collect.fans", "--collect.fans"), MetricGroup.FANS));
        assertFalse(selected(serve(Map.of(), "--collect.fans", "--no-collect.fans"), MetricGroup.FANS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "serve", "ps", "report", "doctor"})
    void helpNamesEveryFlagOfTheCommandWithItsVariableAndDefault(String command) {
        Stream<String> arguments = Stream.of(command, "--help").filter(word -> !word.isEmpty());
        String help = assertInstanceOf(Invocation.PrintText.class, invoke(arguments.toArray(String[]::new)))
                .text();
        Command shown = command.isEmpty() ? Command.SERVE : Command.valueOf(command.toUpperCase(Locale.ROOT));
        Set<String> options = Stream.of(Flag.Group.values())
                .filter(group -> group.belongsTo(shown))
                .flatMap(group -> group.flags().stream())
                .map(Flag::option)
                .collect(Collectors.toSet());
        for (Flag.Group group : Flag.Group.values()) {
            for (Flag flag : group.flags()) {
                boolean expected = options.contains(flag.option());
                assertEquals(
                        expected,
                        help.contains(flag.option() + "=") || help.contains(flag.option() + "["),
                        flag.option());
                assertEquals(expected && flag.isGlobal(), help.contains("[" + flag.variable() + "]"), flag.variable());
            }
        }
        assertTrue(help.lines().allMatch(line -> line.length() <= 120), help);
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        String text = assertInstanceOf(Invocation.PrintText.class, invoke("--version"))
                .text();
        assertTrue(text.matches("gpu-agent \\d+\\.\\d+\\.\\d+\\S* \\(Java .*\\)\\R"), text);
    }

    @Test
    void helpIsShownDespiteOtherErrors() {
        assertInstanceOf(Invocation.PrintText.class, invoke(Map.of("GPU_AGENT_LOG_LEVEL", "loud"), "ps", "--help"));
    }

    private String file(String... lines) throws IOException {
        return Files.write(directory.resolve("gpu-agent.conf"), List.of(lines)).toString();
    }

    private static PsSettings ps(String... arguments) {
        return assertInstanceOf(Invocation.RunPs.class, invoke(arguments)).ps();
    }

    private static Settings serve(Map<String, String> environment, String... arguments) {
        return assertInstanceOf(Invocation.RunServe.class, invoke(environment, arguments))
                .settings();
    }

    static Invocation invoke(String... arguments) {
        return invoke(Map.of(), arguments);
    }

    static Invocation invoke(Map<String, String> environment, String... arguments) {
        return Invocation.of(List.of(arguments), environment, () -> "the-host");
    }
}
