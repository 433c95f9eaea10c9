package io.gpuagent.agent.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The catalogue of flags, one row each: the variable's name and the key in the configuration file follow from the flag's name. */
enum Flag {
    BACKEND(
            Group.SOURCE,
            "backend",
            "auto|nvml|simulated",
            "auto",
            "Where GPUs are read. auto never falls back to simulated."),
    SCENARIO(
            Group.SOURCE, "scenario", "FILE", "", "Scenario for --backend=simulated; without it a built-in one plays."),
    NVML_LIBRARY(
            Group.SOURCE, "nvml.library", "FILE", "", "libnvidia-ml.so.1 to load, where it is not in a usual place."),
    NVML_DEADLINE(
            Group.SOURCE, "nvml.deadline", "TIME", "5s", "A GPU that does not answer for so long counts as stalled."),
    DOCKER_HOST(
            Group.SOURCE,
            "docker.host",
            "auto|off|unix:///PATH|tcp://HOST:PORT",
            "auto",
            "Where to ask for container names. auto: DOCKER_HOST, then the well-known sockets."),
    PROCFS(Group.SOURCE, "path.procfs", "DIR", "/proc", "The host's /proc."),
    ROOTFS(Group.SOURCE, "path.rootfs", "DIR", "/", "The host's root directory."),
    LISTEN_ADDRESS(
            Group.SERVICE,
            "web.listen-address",
            "[HOST]:PORT",
            ":9900",
            "Where to listen; :PORT listens on all interfaces."),
    TELEMETRY_PATH(Group.SERVICE, "web.telemetry-path", "PATH", "/metrics", "Path of the metrics page."),
    WEB_CONFIG(
            Group.SERVICE, "web.config.file", "FILE", "", "TLS and authentication. Not built yet: a file is refused."),
    SAMPLE_INTERVAL(Group.SERVICE, "sample-interval", "TIME", "1s", "Time between two samples; the shortest is 100ms."),
    DRIVER_UPGRADE(
            Group.SERVICE,
            "on-driver-upgrade",
            "exit|stay",
            "exit",
            "When the driver was replaced: end with status 75 to be started anew, or stay without it."),
    NODE_NAME(Group.SERVICE, "node-name", "NAME", "", "This node's name. Default: NODE_NAME, else the host's name."),
    COLLECT_PROCESSES(
            Group.METRICS, "collect.processes", "true|false", "false", "Also export families with a pid label."),
    LEGACY_METRIC(
            Group.METRICS, "legacy-metric", "container|process|off", "container", "Which lines used_gpu_memory has."),
    LEGACY_UNIT(
            Group.METRICS,
            "legacy-metric-unit",
            "bytes|bits",
            "bytes",
            "What used_gpu_memory calls its unit. The value is in bytes either way."),
    LOG_LEVEL(Group.GENERAL, "log.level", "error|warn|info|debug", "info", "The least grave records to log."),
    LOG_FORMAT(Group.GENERAL, "log.format", "text|json", "text", "How records are logged."),
    CONFIG(Group.GENERAL, "config", "FILE", "", "File of name=value lines, named as these flags are."),
    PROCESSES(Group.PS, "processes", "true|false", "false", "Also show every process."),
    FORMAT(Group.PS, "format", "table|csv|json", "table", "How to write it."),
    WATCH(Group.PS, "watch", "TIME", "", "Show the table anew every 2s, or as often as given, until interrupted.");

    /** Flags that are listed together. */
    enum Group {
        PS("What to show", List.of(Command.PS)),
        SERVICE("Service", List.of(Command.SERVE)),
        METRICS("Metrics", List.of(Command.SERVE)),
        SOURCE("Where GPUs, processes and names are read", List.of(Command.values())),
        GENERAL("General", List.of(Command.values()));

        private final String heading;
        private final List<Command> commands;

        Group(String heading, List<Command> commands) {
            this.heading = heading;
            this.commands = commands;
        }

        String heading() {
            return heading;
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

    private static final String PREFIX = "GPU_AGENT_";

    private final Group group;
    private final String key;
    private final String form;
    private final String defaultValue;
    private final String help;

    Flag(Group group, String key, String form, String defaultValue, String help) {
        this.group = group;
        this.key = key;
        this.form = form;
        this.defaultValue = defaultValue;
        this.help = help;
    }

    /** The flag of that key, among those that the environment and the file may set. */
    static Optional<Flag> ofKey(String key) {
        return Arrays.stream(values())
                .filter(flag -> flag.key.equals(key) && flag.isGlobal())
                .findFirst();
    }

    /** False for what only one run is asked for: that is set on the command line alone. */
    boolean isGlobal() {
        return group != Group.PS;
    }

    String option() {
        return "--" + key;
    }

    /** The name in the configuration file. */
    String key() {
        return key;
    }

    /** The name in the environment. */
    String variable() {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    String form() {
        return form;
    }

    /** Empty where nothing is set by default. */
    String defaultValue() {
        return defaultValue;
    }

    /** What the flag means when it is given without a value; empty if it needs one. */
    Optional<String> valueIfBare() {
        return switch (this) {
            case COLLECT_PROCESSES, PROCESSES -> Optional.of("true");
            case WATCH -> Optional.of("2s");
            default -> Optional.empty();
        };
    }

    String help() {
        return help;
    }
}
