package io.gpuagent.agent.cli;

import java.util.Locale;

/** What the agent can be told to do. */
enum Command {
    SERVE("Export metrics; what gpu-agent does without a command."),
    PS("Show which workload uses how much of which GPU."),
    REPORT("Report who used what over a time, from a Prometheus server."),
    DOCTOR("Tell what works here and what does not, and how to mend it.");

    final String help;

    Command(String help) {
        this.help = help;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
