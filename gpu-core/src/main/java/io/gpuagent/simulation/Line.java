package io.gpuagent.simulation;

import io.gpuagent.simulation.Words.Word;
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
record Line(int number, Form form, Map<String, Object> values) {

    /** @throws IllegalArgumentException with the reason why it is not a statement */
    static Line parse(int number, List<Word> words) {
        Form form = Form.of(words.get(0));
        List<Word> rest = words.subList(1, words.size());
        Map<String, Object> values = new LinkedHashMap<>();
        List<String> operands = rest.stream()
                .filter(word -> word.key() == null)
                .map(Word::value)
                .toList();
        form.check(operands);
        if (form.operand != null) {
            put(values, form.operand, operands.get(0));
        }
        Set<String> seen = new HashSet<>();
        for (Word word : rest) {
            if (word.key() != null) {
                Words.require(seen.add(word.key()), "the key " + word.key() + " appears twice");
                put(values, form.key(word.key()), word.value());
            }
        }
        form.needed.forEach(
                key -> Words.require(seen.contains(key.name()), form.keyword() + " needs the key " + key.name()));
        Line line = new Line(number, form, values);
        Words.require(form != Form.FAULT || line.misbehaves(), "fault needs one of the keys code, delay, hang");
        return line;
    }

    private boolean misbehaves() {
        return get(Key.CODE) != null || get(Key.DELAY) != null || get(Key.HANG, false);
    }

    private static void put(Map<String, Object> values, Key<?> key, String text) {
        Object value = key.reader().apply(text);
        if (value != null) {
            values.put(key.name(), value);
        }
    }

    <T> @Nullable T get(Key<T> key) {
        @SuppressWarnings("unchecked") // what the key itself has read
        T value = (T) values.get(key.name());
        return value;
    }

    <T> T get(Key<T> key, T otherwise) {
        return Objects.requireNonNullElse(get(key), otherwise);
    }

    /** The last of the lines that says something has the word. */
    static <T> @Nullable T last(List<Line> lines, Key<T> key) {
        return lines.stream()
                .map(line -> line.get(key))
                .filter(Objects::nonNull)
                .reduce(null, (one, other) -> other);
    }

    int device() {
        return get(Key.DEVICE, Key.ALL);
    }

    /** {@code GI:CI} of the MIG instance that the line is about, {@code GI} where it tells no more; empty for the whole device. */
    String mig() {
        Integer gi = get(Key.GI);
        Integer ci = get(Key.CI);
        return gi == null ? "" : ci == null ? gi.toString() : gi + ":" + ci;
    }

    /** Whether the line holds so long after its times began. */
    boolean holds(Duration time) {
        Duration until = get(Key.UNTIL);
        return time.compareTo(get(Key.FROM, Duration.ZERO)) >= 0 && (until == null || time.compareTo(until) < 0);
    }
}
