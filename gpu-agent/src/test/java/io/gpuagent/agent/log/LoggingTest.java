package io.gpuagent.agent.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.gpuagent.agent.cli.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoggingTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00.123456Z");
    private static final Logger ROOT = Logger.getLogger("");

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);
    private final Handler[] handlersBefore = ROOT.getHandlers();
    private final Level levelBefore = ROOT.getLevel();

    @AfterEach
    void restore() {
        Arrays.stream(ROOT.getHandlers()).forEach(ROOT::removeHandler);
        Arrays.stream(handlersBefore).forEach(ROOT::addHandler);
        ROOT.setLevel(levelBefore);
    }

    @Test
    void aRecordIsALineOfKeyValuePairs() {
        LogRecord record = record(Level.WARNING, "io.gpuagent.usage.Sampler", "no \"driver\"\nyet {0}");
        record.setParameters(new Object[] {3});
        handler(Settings.Level.INFO, Settings.LogFormat.TEXT).publish(record);
        assertEquals(
                List.of("time=2026-11-23T12:00:00.123Z level=warn logger=usage msg=\"no \\\"driver\\\"\\nyet 3\""),
                lines());
    }

    @Test
    void aRecordIsAJsonObject() throws IOException {
        LogRecord record = record(Level.SEVERE, "io.gpuagent.agent.Main", "port \u001b taken\u202e");
        handler(Settings.Level.INFO, Settings.LogFormat.JSON).publish(record);
        assertEquals(1, lines().size());
        assertTrue(lines().get(0).chars().allMatch(c -> c >= ' ' && c < 127), lines().get(0));
        assertEquals(
                Map.of(
                        "time",
                        "2026-11-23T12:00:00.123Z",
                        "level",
                        "error",
                        "logger",
                        "agent",
                        "msg",
                        record.getMessage()),
                new ObjectMapper().readValue(lines().get(0), Map.class));
    }

    @Test
    void anExceptionIsFoldedIntoTheLineAndItsStackTraceIsForDebugging() {
        LogRecord record = record(Level.INFO, "io.gpuagent.agent.containers.Docker", "lookup failed");
        record.setThrown(new IllegalStateException("closed", new IOException("broken pipe")));
        handler(Settings.Level.INFO, Settings.LogFormat.TEXT).publish(record);
        assertTrue(
                lines().get(0).endsWith("error=\"IllegalStateException: closed; caused by IOException: broken pipe\""),
                lines().get(0));
        handler(Settings.Level.DEBUG, Settings.LogFormat.TEXT).publish(record);
        assertEquals(2, lines().size());
        assertTrue(lines().get(1).contains("\\n\\tat io.gpuagent"), lines().get(1));
    }

    @Test
    void aRepeatedMessageIsLoggedOnce() {
        LineHandler handler = handler(Settings.Level.INFO, Settings.LogFormat.TEXT);
        for (int second = 0; second <= 600; second++) {
            handler.publish(at(record(Level.INFO, "x", "no driver"), NOON.plusSeconds(second)));
        }
        assertEquals(1, lines().size());
    }

    @Test
    void alternatingMessagesAreAllLogged() {
        LineHandler handler = handler(Settings.Level.INFO, Settings.LogFormat.TEXT);
        for (String state : List.of("up", "down", "up", "down")) {
            handler.publish(record(Level.INFO, "x", state));
        }
        assertEquals(4, lines().size());
        assertTrue(lines().get(3).endsWith("msg=down"), lines().get(3));
    }

    @Test
    void differentMessagesAreAllLogged() {
        LineHandler handler = handler(Settings.Level.INFO, Settings.LogFormat.TEXT);
        handler.publish(record(Level.INFO, "x", "lost"));
        handler.publish(record(Level.INFO, "y", "lost"));
        handler.publish(record(Level.WARNING, "x", "lost"));
        handler.publish(record(Level.INFO, "x", "found"));
        assertEquals(4, lines().size());
    }

    @Test
    void aRecordWithoutAMessageIsLoggedToo() {
        handler(Settings.Level.INFO, Settings.LogFormat.TEXT).publish(record(Level.CONFIG, "x", null));
        assertEquals(List.of("time=2026-11-23T12:00:00.123Z level=debug logger=x msg=\"\""), lines());
    }

    @Test
    void thirdPartyLibrariesAreSilentUnlessDebugging() {
        Logging.configure(new Settings.Log(Settings.Level.INFO, Settings.LogFormat.TEXT), out);
        Logger.getLogger("com.github.dockerjava.core.exec").severe("stream broke");
        Logger.getLogger("io.gpuagent.test").fine("detail");
        Logger.getLogger("io.gpuagent.test").info("news");
        assertEquals(1, lines().size());
        Logging.configure(new Settings.Log(Settings.Level.DEBUG, Settings.LogFormat.TEXT), out);
        Logger.getLogger("com.github.dockerjava.core.exec").severe("stream broke");
        Logger.getLogger("com.github.dockerjava.core.command").fine("secret");
        Logger.getLogger("io.gpuagent.test").fine("detail");
        assertEquals(3, lines().size());
    }

    @Test
    void recordsBelowTheMinimumLevelAreDropped() {
        Logging.configure(new Settings.Log(Settings.Level.ERROR, Settings.LogFormat.TEXT), out);
        Logger.getLogger("io.gpuagent.test").warning("hm");
        Logger.getLogger("other").warning("hm");
        Logger.getLogger("io.gpuagent.test").severe("oh");
        assertEquals(1, lines().size());
    }

    private LineHandler handler(Settings.Level level, Settings.LogFormat format) {
        return new LineHandler(out, new Settings.Log(level, format));
    }

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static LogRecord record(Level level, String logger, @Nullable String message) {
        LogRecord record = new LogRecord(level, message);
        record.setLoggerName(logger);
        return at(record, NOON);
    }

    private static LogRecord at(LogRecord record, Instant time) {
        record.setInstant(time);
        return record;
    }
}
