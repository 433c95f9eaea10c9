package io.gpuagent.agent.cli;

import static io.gpuagent.agent.cli.Flag.Group.DOCTOR;
import static io.gpuagent.agent.cli.Flag.Group.GENERAL;
import static io.gpuagent.agent.cli.Flag.Group.METRICS;
import static io.gpuagent.agent.cli.Flag.Group.PS;
import static io.gpuagent.agent.cli.Flag.Group.REPORT;
import static io.gpuagent.agent.cli.Flag.Group.SERVER;
import static io.gpuagent.agent.cli.Flag.Group.SERVICE;
import static io.gpuagent.agent.cli.Flag.Group.SOURCE;

import io.gpuagent.device.MetricGroup;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The catalogue of flags, one row each: the variable's name and the key in the configuration file follow from the flag's name. */
enum Flag {
    BACKEND(SOURCE, "backend", "auto|nvml|simulated", "auto", "Where GPUs are read; auto never means simulated."),
    SCENARIO(SOURCE, "scenario", "FILE", "", "Scenario for --backend=simulated; without it a built-in one plays."),
    NVML_LIBRARY(SOURCE, "nvml.library", "FILE", "", "libnvidia-ml.so.1 to load, where it is not in a usual place."),
    NVML_DEADLINE(SOURCE, "nvml.deadline", "TIME", "5s", "A GPU that does not answer for so long counts as stalled."),
    DOCKER_HOST(
            SOURCE,
            "docker.host",
            "auto|off|unix:///PATH|tcp://HOST:PORT",
            "auto",
            "Where to ask for container names. auto: DOCKER_HOST, then the well-known sockets of Docker and Podman, also those of users."),
    OCI_BUNDLES(
            SOURCE,
            "oci.bundles",
            "auto|off|DIR,...",
            "auto",
            "Where containerd, CRI-O and Podman keep files of their containers. auto: the well-known places."),
    CONTAINER_LABELS(SOURCE, "container.labels", "KEY,...", "", "Labels of containers to export as label_KEY."),
    PROCFS(SOURCE, "path.procfs", "DIR", "/proc", "The host's /proc."),
    ROOTFS(SOURCE, "path.rootfs", "DIR", "/", "The host's root directory."),
    LISTEN_ADDRESS(
            SERVICE, "web.listen-address", "[HOST]:PORT", ":9900", "Where to listen; :PORT is on all interfaces."),
    TELEMETRY_PATH(SERVICE, "web.telemetry-path", "PATH", "/metrics", "Path of the metrics page."),
    WEB_CONFIG(SERVICE, "web.config.file", "FILE", "", "TLS and users, in the format of Prometheus' exporters."),
    SAMPLE_INTERVAL(SERVICE, "sample-interval", "TIME", "1s", "Time between two samples; the shortest is 100ms."),
    PEAK_WINDOW(SERVICE, "peak-window", "TIME", "1m", "The time of which the largest sample is a workload's peak."),
    MAX_WORKLOADS(
            SERVICE,
            "max-workloads",
            "NUMBER",
            "5000",
            "Workloads with lines of their own, gone ones included; those beyond are one, (other)."),
    DRIVER_UPGRADE(
            SERVICE, "on-driver-upgrade", "exit|stay", "exit", "After a driver upgrade: end with status 75, or stay."),
    NODE_NAME(SERVICE, "node-name", "NAME", "", "This node's name. Default: NODE_NAME, else the host's name."),
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
    LEGACY_METRIC(METRICS, "legacy-metric", "container|process|off", "container", "Which lines used_gpu_memory has."),
    LEGACY_UNIT(METRICS, "legacy-metric-unit", "bytes|bits", "bytes", "What used_gpu_memory calls its bytes."),
    LOG_LEVEL(GENERAL, "log.level", "error|warn|info|debug", "info", "The least grave records to log."),
    LOG_FORMAT(GENERAL, "log.format", "text|json", "text", "How records are logged."),
    CONFIG(GENERAL, "config", "FILE", "", "File of name=value lines, named as these flags are."),
    PROCESSES(PS, "processes", "Also show every process."),
    FORMAT(PS, "format", "table|csv|json", "table", "How to write it."),
    WATCH(PS, "watch", "TIME", "", "Show the table anew every 2s, or as often as given, until interrupted."),
    DOCTOR_FORMAT(DOCTOR, "format", "table|json", "table", "How to write it."),
    LAST(
            REPORT,
            "last",
            "month|DAYSd|HOURSh",
            "month",
            "The time to report: the calendar month before this, or so long up to now."),
    FROM(REPORT, "from", "TIME", "", "Begin instead, such as 2026-10-01 or 2026-10-01T12:00."),
    TO(REPORT, "to", "TIME", "", "End, with --from; now without it."),
    TIME_ZONE(REPORT, "time-zone", "ZONE", "UTC", "Where days and months begin, such as Europe/Berlin."),
    BY(REPORT, "by", "LABEL,...", "workload", "What a line is: node, or any label of gpu_workload_info."),
    FILTER(REPORT, "filter", "LABEL=REGEX,...", "", "Report only lines of workloads whose labels match as a whole."),
    SHARE(REPORT, "share", "memory|sm|max", "memory", "By what the hours of a shared GPU are divided."),
    PRICE(
            REPORT,
            "price",
            "NAME=NUMBER,...",
            "",
            "Prices of gpu-hour, gib-hour and kwh; without one nothing has a cost."),
    CURRENCY(REPORT, "currency", "TEXT", "EUR", "What prices are in."),
    SPREAD_ENERGY(REPORT, "spread-energy", "Charge energy that no workload accounts for as GPU-hours are divided."),
    REPORT_FORMAT(REPORT, "format", "html|csv|json|markdown", "html", "How to write it."),
    OUTPUT(REPORT, "output", "FILE", "", "Where to write it, whole or not at all. Default: standard output."),
    ALLOW_PARTIAL(REPORT, "allow-partial", "Report what can be read; it says what is missing."),
    PROMETHEUS_URL(SERVER, "prometheus.url", "URL", "http://localhost:9090", "Where its API is, without /api/v1."),
    PROMETHEUS_USERNAME(SERVER, "prometheus.username", "NAME", "", "User for basic authentication."),
    PROMETHEUS_PASSWORD(SERVER, "prometheus.password-file", "FILE", "", "File with that user's password."),
    PROMETHEUS_TOKEN(SERVER, "prometheus.bearer-token-file", "FILE", "", "File with a bearer token."),
    PROMETHEUS_HEADERS(
            SERVER, "prometheus.headers", "NAME=VALUE,...", "", "Further headers, such as X-Scope-OrgID=team."),
    PROMETHEUS_CA(SERVER, "prometheus.ca-file", "FILE", "", "Certificates to trust instead of Java's."),
    PROMETHEUS_CERT(SERVER, "prometheus.cert-file", "FILE", "", "Certificate to show to the server."),
    PROMETHEUS_KEY(SERVER, "prometheus.key-file", "FILE", "", "Key of that certificate."),
    PROMETHEUS_TIMEOUT(SERVER, "prometheus.timeout", "TIME", "2m", "How long one query may take."),
    RECORDING_RULES(
            SERVER,
            "recording-rules",
            "auto|off",
            "auto",
            "Use docker/prometheus/recording-rules.yml where evaluated.");

    /** Flags that are listed together. */
    enum Group {
        PS("What to show", Command.PS),
        DOCTOR("What to show", Command.DOCTOR),
        REPORT("What to report", Command.REPORT),
        SERVER("The Prometheus server", Command.REPORT),
        SERVICE("Service", Command.SERVE),
        METRICS("Metrics", Command.SERVE),
        SOURCE("Where GPUs, processes and names are read", Command.SERVE, Command.PS, Command.DOCTOR),
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

    /** The flag without its dashes, and the name in the configuration file. */
    final String key;

    /** What a value looks like. */
    final String form;

    /** Empty where nothing is set by default. */
    final String preset;

    final String help;
    private final Group group;

    Flag(Group group, String key, String form, String preset, String help) {
        this.group = group;
        this.key = key;
        this.form = form;
        this.preset = preset;
        this.help = help;
    }

    /** A switch that is off by default. */
    Flag(Group group, String key, String help) {
        this(group, key, "true|false", "false", help);
    }

    Flag(MetricGroup metrics) {
        this(METRICS, "collect." + metrics.key(), "true|false", Boolean.toString(metrics.byDefault()), metrics.help());
    }

    /** The flag that chooses a group; empty for one that is always asked for. */
    static Optional<Flag> of(MetricGroup metrics) {
        return METRICS.flags().stream()
                .filter(flag -> flag.key.equals("collect." + metrics.key()))
                .findFirst();
    }

    /** False for what only one run is asked for: that is set on the command line alone. */
    boolean isGlobal() {
        return group.belongsTo(Command.SERVE);
    }

    String option() {
        return "--" + key;
    }

    /** The name in the environment. */
    String variable() {
        return "GPU_AGENT_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** What the flag means when it is given without a value; empty if it needs one. */
    String valueIfBare() {
        if (form.equals("true|false")) {
            return "true";
        }
        return this == WATCH ? "2s" : "";
    }
}
