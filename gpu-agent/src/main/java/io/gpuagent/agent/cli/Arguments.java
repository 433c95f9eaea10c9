package io.gpuagent.agent.cli;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line taken apart, nothing of it checked.
 *
 * @param values the flags that were given; those after the command go before those in front of it
 * @param answer the text that was asked for instead of a run; null if none was
 */
record Arguments(
        Command command, Map<Flag, String> values, @Nullable String answer) {

    static Arguments parse(List<String> arguments) throws UsageException {
        try {
            return of(Grammar.commandLine().parseArgs(arguments.toArray(String[]::new)));
        } catch (ParameterException e) {
            throw new UsageException(explain(e));
        }
    }

    private static Arguments of(ParseResult result) {
        Map<Flag, String> values = new EnumMap<>(Flag.class);
        ParseResult level = result;
        while (true) {
            collect(level, values);
            if (level.isUsageHelpRequested()) {
                return new Arguments(Command.SERVE, values, help(level));
            }
            if (level.isVersionHelpRequested()) {
                return new Arguments(Command.SERVE, values, version());
            }
            if (!level.hasSubcommand()) {
                boolean ps = Command.PS.word().equals(level.commandSpec().name());
                return new Arguments(ps ? Command.PS : Command.SERVE, values, null);
            }
            level = level.subcommand();
        }
    }

    private static void collect(ParseResult level, Map<Flag, String> values) {
        for (Flag flag : Flag.values()) {
            if (level.hasMatchedOption(flag.option())) {
                values.put(flag, level.matchedOptionValue(flag.option(), ""));
            }
        }
    }

    private static String help(ParseResult level) {
        return level.commandSpec().commandLine().getUsageMessage(Ansi.OFF);
    }

    private static String version() {
        return "gpu-agent " + Version.current().number() + " (Java " + Runtime.version() + ")" + System.lineSeparator();
    }

    private static String explain(ParameterException e) {
        String message = String.valueOf(e.getMessage()).replace('\n', ' ').replace("\r", "");
        String nearest = e instanceof UnmatchedArgumentException unmatched
                ? unmatched.getSuggestions().stream()
                        .findFirst()
                        .map(word -> "; did you mean " + word + "?")
                        .orElse("")
                : "";
        return Character.toLowerCase(message.charAt(0)) + message.substring(1) + nearest;
    }
}
