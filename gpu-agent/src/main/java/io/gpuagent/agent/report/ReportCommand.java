package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/** The command {@code report}. */
public final class ReportCommand {

    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final int BAR = 40;

    private final ReportSettings settings;
    private final PrintStream out;
    private final PrintStream err;

    /** @param out receives the report if no output file is set */
    public ReportCommand(ReportSettings settings, PrintStream out, PrintStream err) {
        this.settings = settings;
        this.out = out;
        this.err = err;
    }

    /** Writes the report, or one line with the reason why there is none; returns the exit status. */
    public int run() {
        boolean terminal = isTerminal();
        String afterBar = terminal ? "\n" : "";
        try {
            PrometheusClient client = new PrometheusClient(settings.server(), PAUSE);
            Report report = new ReportReader(client, settings, terminal ? this::show : done -> {}).read();
            err.print(afterBar);
            write(text(report));
            return 0;
        } catch (IOException e) {
            err.println(afterBar + "gpu-agent: " + e.getMessage());
            return 1;
        }
    }

    private String text(Report report) {
        return switch (settings.format()) {
            case HTML -> HtmlFormat.html(report);
            case CSV -> TextFormats.csv(report);
            case JSON -> TextFormats.json(report);
            case MARKDOWN -> TextFormats.markdown(report);
        };
    }

    private void write(String text) throws IOException {
        Path file = settings.output();
        if (file == null) {
            out.print(text);
            if (out.checkError()) {
                throw new IOException("cannot write to standard output");
            }
            return;
        }
        try {
            if (!Files.exists(file)) {
                replace(file.toAbsolutePath(), text);
            } else if (Files.isRegularFile(file)) {
                replace(file.toRealPath(), text);
            } else {
                // A device or a pipe must not be replaced by a file.
                Files.writeString(file, text);
            }
        } catch (IOException e) {
            throw new IOException(file + " cannot be written: " + e.getClass().getSimpleName(), e);
        }
    }

    /** Replaces the file atomically: it has either the old or the complete new content. */
    private static void replace(Path file, String text) throws IOException {
        Path part = file.resolveSibling(
                "." + file.getFileName() + "." + ProcessHandle.current().pid());
        try {
            Files.writeString(part, text);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Whether standard error is a terminal. Linux shows its target as a link in /proc. */
    private static boolean isTerminal() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/2"))
                    .toString()
                    .matches("/dev/(pts/\\d+|tty\\w*|console)");
        } catch (IOException e) {
            return false;
        }
    }

    private synchronized void show(double done) {
        int full = (int) (BAR * done);
        err.printf("\r[%s%s] %3.0f %%", "#".repeat(full), ".".repeat(BAR - full), 100 * done);
        err.flush();
    }
}
