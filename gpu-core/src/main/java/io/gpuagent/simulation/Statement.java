package io.gpuagent.simulation;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A statement.
 *
 * @param number of the line in its file
 * @param values of its operand and its keys, by their names
 */
record Statement(int number, StatementType form, Map<String, Object> values) {

    /** @throws IllegalArgumentException with the reason why it is not a statement */
    static Statement parse(int number, List<Token> words) {
        StatementType form = StatementType.of(words.get(0));
        Map<String, Object> values = new LinkedHashMap<>();
        List<String> operands = words.stream()
                .skip(1)
                .filter(word -> word.key() == null)
                .map(Token::value)
                .toList();
        form.check(operands);
        if (form.operand != null) {
            put(values, form.operand, operands.get(0));
        }
        putKeys(values, form, words);
        Statement line = new Statement(number, form, values);
        Tokenizer.require(form != StatementType.FAULT || line.misbehaves(), "fault needs one of the keys code, delay, hang");
        return line;
    }

    private static void putKeys(Map<String, Object> values, StatementType form, List<Token> words) {
        Set<String> seen = new HashSet<>();
        for (Token word : words) {
            if (word.key() != null) {
                Tokenizer.require(seen.add(word.key()), "the key " + word.key() + " appears twice");
                put(values, form.key(word.key()), word.value());
            }
        }
        form.needed.forEach(
                key -> Tokenizer.require(seen.contains(key.name()), form.keyword() + " needs the key " + key.name()));
    }

    private boolean misbehaves() {
        return get(Attribute.CODE) != null || get(Attribute.DELAY) != null || get(Attribute.HANG, false);
    }

    private static void put(Map<String, Object> values, Attribute<?> key, String text) {
        Object value = key.reader().apply(text);
        if (value != null) {
            values.put(key.name(), value);
        }
    }

    <T> @Nullable T get(Attribute<T> key) {
        @SuppressWarnings("unchecked") // what the key itself has read
        T value = (T) values.get(key.name());
        return value;
    }

    <T> T get(Attribute<T> key, T otherwise) {
        return Objects.requireNonNullElse(get(key), otherwise);
    }

    /** The last of the lines that says something has the word. */
    static <T> @Nullable T last(List<Statement> lines, Attribute<T> key) {
        return lines.stream()
                .map(line -> line.get(key))
                .filter(Objects::nonNull)
                .reduce(null, (one, other) -> other);
    }

    int device() {
        return get(Attribute.DEVICE, Attribute.ALL);
    }

    /** {@code GI:CI} of the MIG instance that the line is about, {@code GI} where it tells no more; empty for the whole device. */
    String mig() {
        Integer gi = get(Attribute.GI);
        Integer ci = get(Attribute.CI);
        return gi == null ? "" : ci == null ? gi.toString() : gi + ":" + ci;
    }

    /** Whether the line holds so long after its times began. */
    boolean holds(Duration time) {
        Duration until = get(Attribute.UNTIL);
        return time.compareTo(get(Attribute.FROM, Duration.ZERO)) >= 0 && (until == null || time.compareTo(until) < 0);
    }
}
