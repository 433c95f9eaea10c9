package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The manual page documents every command, and every flag as the help does. */
class ManualPageTest {

    private static final Path PAGE = Path.of("src/deb/gpu-agent.1");

    @ParameterizedTest
    @EnumSource(Command.class)
    void everyCommandIsDocumented(Command command) throws IOException {
        String page = Files.readString(PAGE);
        String commands = page.substring(page.indexOf("\n.SH COMMANDS\n"), page.indexOf("\n.SH OPTIONS\n"));
        assertTrue(commands.contains("\n.TP\n.B " + command.word() + "\n"), commands);
    }

    @Test
    void everyFlagIsDocumented() throws IOException {
        String flags =
                Arrays.stream(Flag.Group.values()).map(ManualPageTest::section).collect(Collectors.joining());
        String page = Files.readString(PAGE);
        int marker = page.indexOf(".\\\" flags:begin");
        int end = page.indexOf(".\\\" flags:end");
        assertTrue(0 <= marker && marker < end, "the page lacks the markers of its flags");
        int begin = page.indexOf('\n', marker) + 1;
        Golden.checkFile(PAGE, page.substring(0, begin) + flags + page.substring(end));
    }

    private static String section(Flag.Group group) {
        String commands = Arrays.stream(Command.values())
                .filter(group::belongsTo)
                .map(Command::word)
                .collect(Collectors.joining(", "));
        String flags = group.flags().stream().map(ManualPageTest::entry).collect(Collectors.joining());
        return ".SS \"" + escape(group.heading) + " (" + commands + ")\"\n" + flags;
    }

    private static String entry(Flag flag) {
        String option = escape(flag.option());
        String form = escape(flag.form);
        String tag = flag.valueIfBare().isEmpty()
                ? ".BI " + option + "= " + form
                : ".B " + option + "\\fR[\\fB=\\fI" + form + "\\fR]";
        String defaultText =
                flag.defaultValue.isEmpty() || flag.defaultValue.equals("false") ? "" : "Default: " + flag.defaultValue;
        String variable = flag.isGlobal() ? "Environment variable: " + flag.variable() : "";
        return ".TP\n" + tag + "\n" + text(flag.help) + lastLine(defaultText) + lastLine(variable);
    }

    private static String lastLine(String text) {
        return text.isEmpty() ? "" : ".br\n" + text(text);
    }

    /** Escapes a text for roff, which takes a line that begins with a period or an apostrophe as a request. */
    private static String text(String text) {
        return "\\&" + escape(text) + "\n";
    }

    /**
     * Escapes hyphens for roff, which may otherwise render them as typographic hyphens that cannot be pasted into a
     * shell.
     */
    private static String escape(String text) {
        return text.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("\"", "\\(dq")
                .replace("GPU_AGENT_", "\\%GPU_AGENT_");
    }
}
