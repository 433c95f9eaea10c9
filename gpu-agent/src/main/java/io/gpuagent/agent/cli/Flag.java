package io.gpuagent.agent.cli;

import static io.gpuagent.agent.cli.Flag.Group.DOCTOR;
import static io.gpuagent.agent.cli.Flag.Group.GENERAL;
import static io.gpuagent.agent.cli.Flag.Group.METRICS;
import static io.gpuagent.agent.cli.Flag.Group.PS;
import static io.gpuagent.agent.cli.Flag.Group.REPORT;
import static io.gpuagent.agent.cli.Flag.Group.SERVER;
import static io.gpuagent.agent.cli.Flag.Group.SERVICE;
import static io.gpuagent.agent.cli.Flag.Group.SOURCE;

import io.gpuagent.agent.metrics.MetricOptions;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.usage.Sampler;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The catalogue of flags, one row each. The environment variable and the key in the configuration file are derived from the name. */
enum Flag {
    BACKEND(SOURCE, "backend", "auto|nvml|simulated", "auto", "Source of GPU data. auto never selects simulated."),
    SCENARIO(SOURCE, "scenario", "FILE", "", "Scenario file for --backend=simulated. Default: a built-in scenario."),
    NVML_LIBRARY(SOURCE, "nvml.library", "FILE", "", "Path of libnvidia-ml.so.1, if it is not in a standard location."),
    NVML_DEADLINE(
            SOURCE,
            "nvml.deadline",
            Sampler.DEFAULT_DEADLINE,
            "Time after which a GPU whose driver call has not returned is considered stalled."),
    DOCKER_HOST(
            SOURCE,
            "docker.host",
            "auto|off|unix:///PATH|tcp://HOST:PORT",
            "auto",
            "Docker or Podman API to query for container names. auto: DOCKER_HOST, then the standard sockets of Docker and Podman, including"
                    + " those of users."),
    OCI_BUNDLES(
            SOURCE,
            "oci.bundles",
            "auto|off|DIR,...",
            "auto",
            "State directories of containerd, CRI-O and Podman. auto: the standard ones."),
    CONTAINER_LABELS(SOURCE, "container.labels", "KEY,...", "", "Container labels to export as label_KEY."),
    CONTAINER_USERS(
            SOURCE,
            "container.users",
            "Show the users of processes in pods, guests and root's containers. Their uids may not be the host's users."),
    USER_LABEL(
            SOURCE,
            "user-label",
            "name|uid|off",
            "name",
            "How users are shown. name: the uid for users without a name."),
    USER_NAMES(
            SOURCE,
            "user.names",
            "FILE",
            "",
            "User names in the form of getent passwd, for users of a directory service. Default: the host's /etc/passwd."),
    PROCFS(SOURCE, "path.procfs", "DIR", "/proc", "The host's /proc."),
    ROOTFS(SOURCE, "path.rootfs", "DIR", "/", "The host's root directory."),
    LISTEN_ADDRESS(
            SERVICE,
            "web.listen-address",
            "[HOST]:PORT",
            ":9900",
            "Address to listen on. :PORT listens on all interfaces."),
    TELEMETRY_PATH(SERVICE, "web.telemetry-path", "PATH", "/metrics", "Path under which metrics are served."),
    WEB_CONFIG(
            SERVICE,
            "web.config.file",
            "FILE",
            "",
            "TLS and basic authentication, in the web config format of Prometheus exporters."),
    SAMPLE_INTERVAL(SERVICE, "sample-interval", Sampler.DEFAULT_INTERVAL, "Time between two samples, at least 100ms."),
    PEAK_WINDOW(SERVICE, "peak-window", Sampler.DEFAULT_PEAK_WINDOW, "Time window for the peak memory of a workload."),
    MAX_WORKLOADS(
            SERVICE,
            "max-workloads",
            "NUMBER",
            Integer.toString(Sampler.DEFAULT_MAX_WORKLOADS),
            "Maximum number of workloads exported separately, including ended ones. Any further ones are combined as (other)."),
    DRIVER_UPGRADE(
            SERVICE,
            "on-driver-upgrade",
            "exit|stay",
            "exit",
            "After a driver upgrade, exit with status 75 or keep running."),
    NODE_NAME(
            SERVICE,
            "node-name",
            "NAME",
            "",
            "Name of this node. Default: the NODE_NAME variable, otherwise the host name."),
    COLLECT_PROCESSES(METRICS, "collect.processes", "Also export families with a pid label."),
    COLLECT_VIDEO(MetricGroup.VIDEO),
    COLLECT_CLOCKS(MetricGroup.CLOCKS),
    COLLECT_TEMPERATURES(MetricGroup.TEMPERATURES),
    COLLECT_POWER(MetricGroup.POWER),
    COLLECT_FANS(MetricGroup.FANS),
    COLLECT_PCIE(MetricGroup.PCIE),
    COLLECT_PCIE_THROUGHPUT(MetricGroup.PCIE_THROUGHPUT),
    COLLECT_ECC(MetricGroup.ECC),
    COLLECT_BAR1(MetricGroup.BAR1),
    COLLECT_NVLINK(MetricGroup.NVLINK),
    COLLECT_MODES(MetricGroup.MODES),
    COLLECT_GPM(MetricGroup.GPM),
    LEGACY_METRIC(
            METRICS,
            "legacy-metric",
            MetricOptions.defaults().legacy(),
            "Whether used_gpu_memory has one series per container or per process, or is off."),
    LEGACY_UNIT(
            METRICS,
            "legacy-metric-unit",
            MetricOptions.defaults().legacyUnit(),
            "Value of the unit label of used_gpu_memory. The metric is always in bytes."),
    LOG_LEVEL(GENERAL, "log.level", "error|warn|info|debug", "info", "Minimum log level."),
    LOG_FORMAT(GENERAL, "log.format", "text|json", "text", "Log format."),
    CONFIG(
            GENERAL,
            "config",
            "FILE",
            "",
            "Configuration file: name=value lines, where name is a flag without its dashes."),
    PROCESSES(PS, "processes", "Also show each process."),
    FORMAT(PS, "format", "table|csv|json", "table", "Output format."),
    WATCH(PS, "watch", "TIME", "", "Refresh the table at this interval until interrupted. Without a value: every 2s."),
    DOCTOR_FORMAT(DOCTOR, "format", "table|json", "table", "Output format."),
    LAST(
            REPORT,
            "last",
            "month|DAYSd|HOURSh",
            "month",
            "Time range to report: month for the previous calendar month, or a duration ending now, such as 7d."),
    FROM(REPORT, "from", "TIME", "", "Start of the range, such as 2026-10-01 or 2026-10-01T12:00. Replaces --last."),
    TO(REPORT, "to", "TIME", "", "End of the range; requires --from. Default: now."),
    TIME_ZONE(REPORT, "time-zone", "ZONE", "UTC", "Time zone of days and months, such as Europe/Berlin."),
    BY(REPORT, "by", "LABEL,...", "workload", "Group rows by node or by any labels of gpu_workload_info."),
    FILTER(REPORT, "filter", "LABEL=REGEX,...", "", "Report only workloads whose labels fully match."),
    SHARE(
            REPORT,
            "share",
            "memory|sm|max",
            "memory",
            "Basis for dividing the hours of a shared GPU among its workloads."),
    PRICE(
            REPORT,
            "price",
            "NAME=NUMBER,...",
            "",
            "Prices per gpu-hour, gib-hour and kwh. If no price is set, no costs are shown."),
    CURRENCY(REPORT, "currency", "TEXT", "EUR", "Currency of the prices."),
    SPREAD_ENERGY(
            REPORT, "spread-energy", "Divide unattributed energy among workloads in proportion to their GPU-hours."),
    REPORT_FORMAT(REPORT, "format", "html|csv|json|markdown", "html", "Output format."),
    OUTPUT(
            REPORT,
            "output",
            "FILE",
            "",
            "Output file, replaced only once the report is complete. Default: standard output."),
    ALLOW_PARTIAL(
            REPORT, "allow-partial", "Report even if some data cannot be read; the report lists what is missing."),
    PROMETHEUS_URL(SERVER, "prometheus.url", "URL", "http://localhost:9090", "Base URL of the API, without /api/v1."),
    PROMETHEUS_USERNAME(SERVER, "prometheus.username", "NAME", "", "User name for basic authentication."),
    PROMETHEUS_PASSWORD(SERVER, "prometheus.password-file", "FILE", "", "File that contains the password."),
    PROMETHEUS_TOKEN(SERVER, "prometheus.bearer-token-file", "FILE", "", "File that contains a bearer token."),
    PROMETHEUS_HEADERS(
            SERVER,
            "prometheus.headers",
            "NAME=VALUE,...",
            "",
            "Additional request headers, such as X-Scope-OrgID=team."),
    PROMETHEUS_CA(SERVER, "prometheus.ca-file", "FILE", "", "CA certificates to trust instead of Java's default ones."),
    PROMETHEUS_CERT(SERVER, "prometheus.cert-file", "FILE", "", "Client certificate."),
    PROMETHEUS_KEY(SERVER, "prometheus.key-file", "FILE", "", "Private key of the client certificate."),
    PROMETHEUS_TIMEOUT(SERVER, "prometheus.timeout", "TIME", "2m", "Timeout of one query."),
    RECORDING_RULES(
            SERVER,
            "recording-rules",
            "auto|off",
            "auto",
            "Use the recorded series of docker/prometheus/recording-rules.yml where available.");

    /** A section of {@code --help}. */
    enum Group {
        PS("Output", Command.PS),
        DOCTOR("Output", Command.DOCTOR),
        REPORT("Report", Command.REPORT),
        SERVER("Prometheus server", Command.REPORT),
        SERVICE("Service", Command.SERVE),
        METRICS("Metrics", Command.SERVE),
        SOURCE("Where GPU, process and name data comes from", Command.SERVE, Command.PS, Command.DOCTOR),
        GENERAL("General", Command.values());

        final String heading;
        private final List<Command> commands;

        Group(String heading, Command... commands) {
            this.heading = heading;
            this.commands = List.of(commands);
        }

        boolean belongsTo(Command command) {
            return commands.contains(command);
        }

        List<Flag> flags() {
            return Arrays.stream(Flag.values())
                    .filter(flag -> flag.group == this)
                    .toList();
        }
    }

    /** The flag without its dashes; also its key in the configuration file. */
    final String key;

    /** The form of a value, as {@code --help} shows it. */
    final String form;

    /** The default value; empty if there is none. */
    final String defaultValue;

    final String help;
    private final Group group;

    Flag(Group group, String key, String form, String defaultValue, String help) {
        this.group = group;
        this.key = key;
        this.form = form;
        this.defaultValue = defaultValue;
        this.help = help;
    }

    /** A flag whose value is a duration. */
    Flag(Group group, String key, Duration defaultValue, String help) {
        this(group, key, "TIME", defaultValue.toString().substring(2).toLowerCase(Locale.ROOT), help);
    }

    /** A flag whose value is one of an enum's constants, in lower case. */
    Flag(Group group, String key, Enum<?> defaultValue, String help) {
        this(group, key, words(defaultValue), defaultValue.name().toLowerCase(Locale.ROOT), help);
    }

    private static String words(Enum<?> constant) {
        return Stream.of(constant.getDeclaringClass().getEnumConstants())
                .map(word -> word.toString().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining("|"));
    }

    /** A boolean flag that is off by default. */
    Flag(Group group, String key, String help) {
        this(group, key, "true|false", "false", help);
    }

    Flag(MetricGroup metrics) {
        this(METRICS, "collect." + metrics.key(), "true|false", Boolean.toString(metrics.byDefault()), metrics.help());
    }

    /** The flag that enables a group of device metrics; empty for the group that is always read. */
    static Optional<Flag> of(MetricGroup metrics) {
        return METRICS.flags().stream()
                .filter(flag -> flag.key.equals("collect." + metrics.key()))
                .findFirst();
    }

    /** Whether the flag can also be set in the environment and the configuration file; flags of one-off commands cannot. */
    boolean isGlobal() {
        return group.belongsTo(Command.SERVE);
    }

    String option() {
        return "--" + key;
    }

    /** The name of the environment variable. */
    String variable() {
        return "GPU_AGENT_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** The value of the flag when it is given without one; empty if it requires a value. */
    String valueIfBare() {
        if (form.equals("true|false")) {
            return "true";
        }
        return this == WATCH ? "2s" : "";
    }
}
