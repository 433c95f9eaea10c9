package io.gpuagent.agent.cli;

import java.util.Locale;

/** The agent's commands. */
enum Command {
    SERVE("Export metrics. The default command."),
    PS("Show how much of each GPU each workload uses."),
    REPORT("Report what each workload used over a time range, from a Prometheus server."),
    DOCTOR("Check what works on this machine, what does not, and how to fix it.");

    final String help;

    Command(String help) {
        this.help = help;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
