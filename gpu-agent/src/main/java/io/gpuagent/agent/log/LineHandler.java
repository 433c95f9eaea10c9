package io.gpuagent.agent.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.base.Throwables;
import io.gpuagent.agent.cli.Settings;
import io.gpuagent.agent.cli.TerminalText;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes every record as one line of {@code name=value} pairs or as a JSON object in ASCII. A record equal to the previous one, except
 * for its time, is dropped.
 */
final class LineHandler extends Handler {

    private final PrintStream out;
    private final Settings.Log log;
    private Map<String, String> last = Map.of();

    /** A separate class, so that Jackson is loaded only for a log in JSON. */
    private static final class Json {

        private static final JsonMapper MAPPER =
                JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    }

    LineHandler(PrintStream out, Settings.Log log) {
        this.out = out;
        this.log = log;
    }

    @Override
    public synchronized void publish(LogRecord record) {
        Map<String, String> content = content(record);
        if (!content.equals(last)) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put(
                    "time", record.getInstant().truncatedTo(ChronoUnit.MILLIS).toString());
            fields.putAll(content);
            out.println(log.format() == Settings.LogFormat.JSON ? json(fields) : words(fields));
        }
        last = content;
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public void close() {}

    private Map<String, String> content(LogRecord record) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("level", level(record.getLevel()));
        fields.put("logger", logger(record));
        fields.put("msg", Objects.toString(new SimpleFormatter().formatMessage(record), ""));
        Throwable thrown = record.getThrown();
        if (thrown != null) {
            fields.put("error", causes(thrown));
        }
        if (thrown != null && log.level() == Settings.Level.DEBUG) {
            fields.put("stack", Throwables.getStackTraceAsString(thrown));
        }
        return fields;
    }

    private static String words(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + word(field.getValue()))
                .collect(Collectors.joining(" "));
    }

    /** The value, in quotes if it contains a space, a quote, a backslash or an equals sign. */
    private static String word(String value) {
        return value.matches("[^ \"=\\\\]+")
                ? TerminalText.escape(value)
                : '"' + TerminalText.escape(value.replace("\\", "\\\\").replace("\"", "\\\"")) + '"';
    }

    private static String json(Map<String, String> fields) {
        try {
            return Json.MAPPER.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String level(Level level) {
        return Stream.of(Settings.Level.values())
                .filter(ours -> level.intValue() >= Logging.level(ours).intValue())
                .findFirst()
                .orElse(Settings.Level.DEBUG)
                .name()
                .toLowerCase(Locale.ROOT);
    }

    /** The agent's own loggers are shown by package: {@code usage} for {@code io.gpuagent.usage.Sampler}. */
    private static String logger(LogRecord record) {
        return Objects.toString(record.getLoggerName(), "")
                .replaceFirst("^io\\.gpuagent\\.(?:.+\\.)?([a-z]\\w*)(?:\\.[A-Z].*)?$", "$1");
    }

    private static String causes(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(8)
                .map(cause -> cause.getClass().getSimpleName()
                        + (cause.getMessage() == null ? "" : ": " + cause.getMessage()))
                .collect(Collectors.joining("; caused by "));
    }
}
