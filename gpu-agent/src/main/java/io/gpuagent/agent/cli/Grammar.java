package io.gpuagent.agent.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The catalogue of flags as picocli takes it. Built by calls, since annotations would be searched for at every start. */
final class Grammar {

    private static final int HELP_WIDTH = 120;
    private static final int OPTION_WIDTH = 36;
    private static final List<String> SECTIONS = List.of(
            UsageMessageSpec.SECTION_KEY_SYNOPSIS_HEADING,
            UsageMessageSpec.SECTION_KEY_SYNOPSIS,
            UsageMessageSpec.SECTION_KEY_DESCRIPTION,
            UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING,
            UsageMessageSpec.SECTION_KEY_COMMAND_LIST,
            UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING,
            UsageMessageSpec.SECTION_KEY_OPTION_LIST,
            UsageMessageSpec.SECTION_KEY_FOOTER);
    private static final String[] FOOTER = {
        "",
        "Each flag above that names a variable can be set by it, or by a name=value line of the --config file.",
        "A flag goes before a variable, a variable before the file.",
        "Exit status: 0 done, 1 no driver (ps), 2 wrong flag or configuration, 75 driver replaced (serve)."
    };

    private Grammar() {}

    static CommandLine commandLine() {
        CommandSpec root = spec("gpu-agent", Command.SERVE);
        root.usageMessage()
                .sectionKeys(SECTIONS)
                .commandListHeading("%nCommands:%n")
                .customSynopsis("gpu-agent [serve] [FLAG...]", "       gpu-agent ps [FLAG...]")
                .description("Tells which container, pod, unit or job uses how much of which GPU.");
        for (Command command : Command.values()) {
            CommandSpec child = spec(command.word(), command);
            child.usageMessage()
                    .customSynopsis("gpu-agent " + command.word() + " [FLAG...]")
                    .description(command.help());
            root.addSubcommand(command.word(), child);
        }
        return new CommandLine(root).setExpandAtFiles(false).setPosixClusteredShortOptionsAllowed(false);
    }

    private static CommandSpec spec(String name, Command command) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage()
                .width(HELP_WIDTH)
                .longOptionsMaxWidth(OPTION_WIDTH)
                .sortOptions(false)
                .optionListHeading("%nFlags:%n")
                .footer(FOOTER);
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this.")
                .build());
        spec.addOption(OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Show the version.")
                .build());
        for (Flag.Group group : Flag.Group.values()) {
            if (group.belongsTo(command)) {
                spec.addArgGroup(group(group));
            }
        }
        return spec;
    }

    private static ArgGroupSpec group(Flag.Group group) {
        ArgGroupSpec.Builder builder = ArgGroupSpec.builder()
                .heading("%n" + group.heading() + ":%n")
                .order(group.ordinal())
                .validate(false);
        group.flags().forEach(flag -> builder.addArg(option(flag)));
        return builder.build();
    }

    private static OptionSpec option(Flag flag) {
        OptionSpec.Builder builder = OptionSpec.builder(flag.option())
                .type(String.class)
                .paramLabel(flag.form())
                .order(flag.ordinal())
                .description(description(flag));
        flag.valueIfBare()
                .ifPresentOrElse(value -> builder.arity("0..1").fallbackValue(value), () -> builder.arity("1"));
        return builder.build();
    }

    private static String description(Flag flag) {
        String preset = flag.defaultValue().isEmpty() || flag.valueIfBare().isPresent()
                ? ""
                : " Default: " + flag.defaultValue();
        return flag.help() + preset + (flag.isGlobal() ? " [" + flag.variable() + "]" : "");
    }
}
