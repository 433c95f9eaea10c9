package io.gpuagent.agent.cli.log;

import io.gpuagent.agent.cli.Settings;
import java.io.PrintStream;
import java.util.OptionalInt;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/** Writes every record as one line, and a line that was written lately not again. */
final class LineHandler extends Handler {

    private final PrintStream out;
    private final Settings.Log log;
    private final Repeats repeats = new Repeats();

    LineHandler(PrintStream out, Settings.Log log) {
        this.out = out;
        this.log = log;
    }

    @Override
    public synchronized void publish(LogRecord record) {
        String key = record.getLoggerName() + " " + record.getLevel() + " " + LogLine.message(record);
        OptionalInt leftOut = repeats.admit(key, record.getInstant());
        if (leftOut.isPresent()) {
            LogLine line = LogLine.of(record, leftOut.getAsInt(), log.level() == Settings.Level.DEBUG);
            out.println(log.format() == Settings.LogFormat.JSON ? line.toJson() : line.toText());
        }
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public void close() {
        flush();
    }
}
