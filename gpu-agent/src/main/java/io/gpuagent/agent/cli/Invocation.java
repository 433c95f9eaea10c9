package io.gpuagent.agent.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The action that a command line requests. */
public sealed interface Invocation {

    /**
     * Runs the exporter.
     *
     * @param warnings lines for the log
     */
    record RunServe(Settings settings, List<String> warnings) implements Invocation {}

    /**
     * Shows a table once or repeatedly.
     *
     * @param warnings lines for standard error
     */
    record RunPs(Settings settings, PsSettings ps, List<String> warnings) implements Invocation {}

    /**
     * Checks this machine.
     *
     * @param json whether to write JSON instead of text
     * @param warnings lines for standard error
     */
    record RunDoctor(Settings settings, boolean json, List<String> warnings) implements Invocation {}

    /**
     * Reports what was used over a time range.
     *
     * @param warnings lines for standard error
     */
    record RunReport(Settings settings, ReportSettings report, List<String> warnings) implements Invocation {}

    /** Writes help or version to standard output and exits with 0. */
    record PrintText(String text) implements Invocation {}

    /** Writes the line to standard error and exits with {@link #USAGE_ERROR}: a flag, a variable or the configuration file is invalid. */
    record RejectUsage(String line) implements Invocation {}

    /** The exit status for an invalid flag or configuration. */
    int USAGE_ERROR = 2;

    /**
     * Reads the command line, the environment and, if one of these sets {@code --config}, the configuration file.
     *
     * @param hostName supplies the host name; called only if no setting specifies the node name
     */
    static Invocation of(List<String> arguments, Map<String, String> environment, Supplier<String> hostName) {
        StringWriter answer = new StringWriter();
        CommandLine line = PicocliSpec.commandLine().setOut(new PrintWriter(answer));
        try {
            ParseResult parsed =
                    line.parseArgs(arguments.stream().map(Invocation::affirmed).toArray(String[]::new));
            return CommandLine.executeHelpRequest(parsed) != null
                    ? new PrintText(answer.toString())
                    : run(parsed, environment, hostName);
        } catch (ParameterException e) {
            return refusal(explain(e));
        } catch (UsageException e) {
            return refusal(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Rewrites {@code --no-collect.NAME} as {@code --collect.NAME=false}. If a flag and its negation are both given, the last one takes
     * effect.
     */
    private static String affirmed(String argument) {
        return argument.replaceFirst("^--no-(collect\\.[^=]+)$", "--$1=false");
    }

    private static Invocation run(ParseResult parsed, Map<String, String> environment, Supplier<String> hostName)
            throws UsageException {
        FlagValues values = FlagValues.of(parsed, environment);
        Settings settings = SettingsReader.settings(values, environment, hostName);
        List<String> warnings = Environment.warnings(environment).stream()
                .map(TerminalText::escape)
                .toList();
        ParseResult last = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
        return switch ((Command) last.commandSpec().userObject()) {
            case SERVE -> new RunServe(settings, warnings);
            case PS -> new RunPs(settings, SettingsReader.ps(values), warnings);
            case REPORT -> new RunReport(settings, ReportSettingsReader.report(values, Instant.now()), warnings);
            case DOCTOR -> new RunDoctor(settings, SettingsReader.json(values), warnings);
        };
    }

    private static RejectUsage refusal(String why) {
        return new RejectUsage("gpu-agent: " + TerminalText.escape(why));
    }

    private static String explain(ParameterException e) {
        String message = String.valueOf(e.getMessage());
        List<String> nearest =
                e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        return Character.toLowerCase(message.charAt(0))
                + message.substring(1)
                + (nearest.isEmpty() ? "" : "; did you mean " + nearest.get(0) + "?");
    }
}
