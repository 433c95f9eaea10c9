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

/** What the command line asks for. */
public sealed interface Invocation {

    /**
     * Run the exporter.
     *
     * @param warnings lines for the log
     */
    record Serve(Settings settings, List<String> warnings) implements Invocation {}

    /**
     * Show a table once, or again and again.
     *
     * @param warnings lines for standard error
     */
    record Ps(Settings settings, PsSettings ps, List<String> warnings) implements Invocation {}

    /**
     * Tell what works here.
     *
     * @param json whether for programs
     * @param warnings lines for standard error
     */
    record Doctor(Settings settings, boolean json, List<String> warnings) implements Invocation {}

    /**
     * Report what was used over a time.
     *
     * @param warnings lines for standard error
     */
    record Report(Settings settings, ReportSettings report, List<String> warnings) implements Invocation {}

    /** Write the text to standard output and end with 0: help or version. */
    record Answer(String text) implements Invocation {}

    /** Write the line to standard error and end with {@link #USAGE_ERROR}: something is wrong with a flag, a variable or the file. */
    record Refusal(String line) implements Invocation {}

    /** The exit status for a wrong flag or configuration. */
    int USAGE_ERROR = 2;

    /**
     * Reads the command line, the environment and the configuration file that they name.
     *
     * @param hostName asked only where nothing else names the node
     */
    static Invocation of(List<String> arguments, Map<String, String> environment, Supplier<String> hostName) {
        StringWriter answer = new StringWriter();
        CommandLine line = Grammar.commandLine().setOut(new PrintWriter(answer));
        try {
            ParseResult parsed =
                    line.parseArgs(arguments.stream().map(Invocation::affirmed).toArray(String[]::new));
            return CommandLine.executeHelpRequest(parsed) != null
                    ? new Answer(answer.toString())
                    : run(parsed, environment, hostName);
        } catch (ParameterException e) {
            return refusal(explain(e));
        } catch (UsageException e) {
            return refusal(String.valueOf(e.getMessage()));
        }
    }

    /** {@code --no-collect.NAME} as what it is short for, so that of a flag and its negation the last one counts. */
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
            case SERVE -> new Serve(settings, warnings);
            case PS -> new Ps(settings, SettingsReader.ps(values), warnings);
            case REPORT -> new Report(settings, ReportSettingsReader.report(values, Instant.now()), warnings);
            case DOCTOR -> new Doctor(settings, SettingsReader.json(values), warnings);
        };
    }

    private static Refusal refusal(String why) {
        return new Refusal("gpu-agent: " + TerminalText.escape(why));
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
