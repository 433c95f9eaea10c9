package io.gpuagent.agent.cli.log;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.gpuagent.agent.cli.TerminalText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A log record as one line.
 *
 * @param fields in the order in which they are written
 */
record LogLine(Map<String, String> fields) {

    private static final String OWN = "io.gpuagent.";

    LogLine {
        fields = new LinkedHashMap<>(fields);
    }

    /**
     * The line of a record.
     *
     * @param leftOut how many equal records were left out since the last one
     * @param stack whether the stack of an exception is written too
     */
    static LogLine of(LogRecord record, int leftOut, boolean stack) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("time", record.getInstant().truncatedTo(ChronoUnit.MILLIS).toString());
        fields.put("level", level(record.getLevel()));
        fields.put("logger", logger(record.getLoggerName()));
        fields.put("msg", message(record));
        if (record.getThrown() != null) {
            fields.put("error", causes(record.getThrown()));
        }
        if (leftOut > 0) {
            fields.put("left_out", Integer.toString(leftOut));
        }
        if (record.getThrown() != null && stack) {
            fields.put("stack", stackOf(record.getThrown()));
        }
        return new LogLine(fields);
    }

    static String message(LogRecord record) {
        return record.getMessage() == null ? "" : new SimpleFormatter().formatMessage(record);
    }

    /** {@code name=value} words; a value with blanks or quotes stands in quotes. */
    String toText() {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + word(field.getValue()))
                .collect(Collectors.joining(" "));
    }

    /** A JSON object in ASCII. */
    String toJson() {
        StringWriter out = new StringWriter();
        JsonFactory factory =
                JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
        try (JsonGenerator json = factory.createGenerator(out)) {
            json.writeStartObject();
            for (Map.Entry<String, String> field : fields.entrySet()) {
                json.writeStringField(field.getKey(), field.getValue());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    private static String word(String value) {
        String escaped = TerminalText.escape(value);
        boolean plain =
                !value.isEmpty() && escaped.chars().noneMatch(c -> c == ' ' || c == '"' || c == '=' || c == '\\');
        return plain
                ? escaped
                : '"' + TerminalText.escape(value.replace("\\", "\\\\").replace("\"", "\\\"")) + '"';
    }

    private static String level(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "error";
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return "warn";
        }
        return level.intValue() >= Level.CONFIG.intValue() ? "info" : "debug";
    }

    /** Our own loggers are called by their package: {@code usage} for {@code io.gpuagent.usage.Sampler}. */
    private static String logger(@Nullable String name) {
        if (name == null || !name.startsWith(OWN)) {
            return name == null ? "" : name;
        }
        String[] parts = name.substring(OWN.length()).split("\\.");
        boolean endsWithClass = Character.isUpperCase(parts[parts.length - 1].charAt(0));
        return parts[Math.max(0, parts.length - (endsWithClass ? 2 : 1))];
    }

    private static String causes(Throwable thrown) {
        StringBuilder text = new StringBuilder();
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 8; depth++) {
            text.append(depth == 0 ? "" : "; caused by ")
                    .append(cause.getClass().getSimpleName());
            text.append(cause.getMessage() == null ? "" : ": " + cause.getMessage());
            cause = cause.getCause();
        }
        return text.toString();
    }

    private static String stackOf(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }
}
