package io.gpuagent.agent.cli;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

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
     * @param warnings lines for the log
     */
    record Ps(Settings settings, PsSettings ps, List<String> warnings) implements Invocation {}

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
        try {
            Arguments given = Arguments.parse(arguments);
            if (given.answer() != null) {
                return new Answer(given.answer());
            }
            FlagValues values = FlagValues.of(given, environment);
            Settings settings = SettingsReader.settings(values, environment, hostName);
            List<String> warnings = Environment.warnings(environment);
            return given.command() == Command.PS
                    ? new Ps(settings, SettingsReader.ps(values), warnings)
                    : new Serve(settings, warnings);
        } catch (UsageException e) {
            return new Refusal("gpu-agent: " + TerminalText.escape(String.valueOf(e.getMessage())));
        }
    }
}
