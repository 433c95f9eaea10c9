package io.gpuagent.agent.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The catalogue of flags as a picocli command specification. It is built in code, because picocli would read annotations by reflection at
 * every start.
 */
final class PicocliSpec {

    private static final List<String> FOOTER = List.of(
            "",
            "A flag with a variable in brackets can also be set by that variable, or by a name=value line in the --config file.",
            "--no-collect.NAME is short for --collect.NAME=false.",
            "The command line overrides the environment, which overrides the file.",
            "Exit status: 0 success; 1 no driver (ps), no report (report), a broken check (doctor) or cannot listen (serve);",
            "2 invalid flag or configuration; 75 driver replaced (serve).");

    private PicocliSpec() {}

    /** The root command and its subcommands; each has its {@link Command} as user object. */
    static CommandLine commandLine() {
        CommandSpec root = spec(
                Command.SERVE,
                "gpu-agent [COMMAND]",
                "Accounts for GPU use by container, pod, systemd unit and batch job.");
        for (Command command : Command.values()) {
            root.addSubcommand(command.word(), spec(command, "gpu-agent " + command.word(), command.help));
        }
        return new CommandLine(root).setExpandAtFiles(false).setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF));
    }

    private static CommandSpec spec(Command command, String synopsis, String description) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command)
                .version("gpu-agent " + Version.number() + " (Java " + Runtime.version() + ")")
                .mixinStandardHelpOptions(true);
        spec.usageMessage()
                .width(120)
                .longOptionsMaxWidth(36)
                .sortOptions(false)
                .customSynopsis(synopsis + " [FLAG...]")
                .description(description)
                .optionListHeading("%nFlags:%n")
                .commandListHeading("%nCommands:%n")
                .footer(FOOTER.toArray(String[]::new));
        for (Flag.Group group : Flag.Group.values()) {
            if (group.belongsTo(command)) {
                spec.addArgGroup(group(group));
            }
        }
        return spec;
    }

    private static ArgGroupSpec group(Flag.Group group) {
        ArgGroupSpec.Builder builder =
                ArgGroupSpec.builder().heading("%n" + group.heading + ":%n").validate(false);
        group.flags().forEach(flag -> builder.addArg(option(flag)));
        return builder.build();
    }

    private static OptionSpec option(Flag flag) {
        String bare = flag.valueIfBare();
        String defaultValue = flag.defaultValue.isEmpty() || flag.defaultValue.equals("false")
                ? ""
                : " Default: " + flag.defaultValue;
        return OptionSpec.builder(flag.option())
                .type(String.class)
                .paramLabel(flag.form)
                .description(flag.help + defaultValue + (flag.isGlobal() ? " [" + flag.variable() + "]" : ""))
                .arity(bare.isEmpty() ? "1" : "0..1")
                .fallbackValue(bare)
                .build();
    }
}
