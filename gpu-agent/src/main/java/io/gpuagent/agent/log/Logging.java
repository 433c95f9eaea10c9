package io.gpuagent.agent.log;

import io.gpuagent.agent.cli.Settings;
import java.io.PrintStream;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** The agent's log, on top of {@code java.util.logging}. */
public final class Logging {

    /**
     * The loggers are held in fields, because the log manager references loggers weakly and a collected logger loses
     * its level.
     */
    private static final Logger ROOT = Logger.getLogger("");

    private static final Logger OWN = Logger.getLogger("io.gpuagent");

    /**
     * Loggers of libraries that log every failed connection. The agent itself logs what a failure means for container
     * names.
     */
    private static final List<Logger> THIRD_PARTY = Stream.of("com.github.dockerjava", "org.slf4j")
            .map(Logger::getLogger)
            .toList();

    private Logging() {}

    /** Replaces all log handlers of the process with one that writes to the stream. */
    public static void configure(Settings.Log log, PrintStream out) {
        for (Handler handler : ROOT.getHandlers()) {
            ROOT.removeHandler(handler);
        }
        ROOT.addHandler(new LineHandler(out, log));
        ROOT.setLevel(log.level() == Settings.Level.DEBUG ? Level.INFO : level(log.level()));
        OWN.setLevel(level(log.level()));
        Level others = log.level() == Settings.Level.DEBUG ? Level.INFO : Level.OFF;
        THIRD_PARTY.forEach(logger -> logger.setLevel(others));
    }

    static Level level(Settings.Level level) {
        return switch (level) {
            case ERROR -> Level.SEVERE;
            case WARN -> Level.WARNING;
            case INFO -> Level.INFO;
            case DEBUG -> Level.FINE;
        };
    }
}
