package io.gpuagent.simulation;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One line of a scenario.
 *
 * @param number the line number in the scenario file
 * @param values the parsed values of the operand and the attributes, by name
 */
record Statement(int number, StatementType type, Map<String, Object> values) {

    /**
     * Parses a statement.
     *
     * @throws IllegalArgumentException with the reason, if the tokens are not a valid statement
     */
    static Statement parse(int number, List<Token> tokens) {
        StatementType type = StatementType.of(tokens.get(0));
        Map<String, Object> values = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        for (Token token : tokens.subList(1, tokens.size())) {
            Attribute<?> attribute = type.attribute(token);
            Tokenizer.require(seen.add(attribute.name()), attribute.name() + " appears twice");
            Object value = attribute.parser().apply(token.value());
            if (value != null) {
                values.put(attribute.name(), value);
            }
        }
        type.check(values);
        return new Statement(number, type, values);
    }

    <T> @Nullable T get(Attribute<T> attribute) {
        @SuppressWarnings("unchecked") // the attribute's own parser returned this value
        T value = (T) values.get(attribute.name());
        return value;
    }

    <T> T get(Attribute<T> attribute, T defaultValue) {
        return Objects.requireNonNullElse(get(attribute), defaultValue);
    }

    /** The value of the last statement that has the attribute; null if none has it. */
    static <T> @Nullable T last(List<Statement> statements, Attribute<T> attribute) {
        return statements.stream()
                .map(statement -> statement.get(attribute))
                .filter(Objects::nonNull)
                .reduce(null, (one, other) -> other);
    }

    int device() {
        return get(Attribute.DEVICE, Attribute.ALL);
    }

    /** Whether a {@code fault} statement affects a device. */
    boolean isAbout(int device) {
        int affected = get(Attribute.DEVICE_OR_ALL, Attribute.ALL);
        return affected == device || affected == Attribute.ALL;
    }

    /**
     * The MIG instance of the statement: {@code GI:CI}, or {@code GI} if it has no {@code ci}; empty for the whole
     * device.
     */
    String mig() {
        Integer gi = get(Attribute.GI);
        Integer ci = get(Attribute.CI);
        return gi == null ? "" : ci == null ? gi.toString() : gi + ":" + ci;
    }

    /** Whether the statement is active at a time since the start of the cycle. */
    boolean isActive(Duration time) {
        Duration until = get(Attribute.UNTIL);
        return time.compareTo(get(Attribute.FROM, Duration.ZERO)) >= 0 && (until == null || time.compareTo(until) < 0);
    }

    /** The times at which the statement becomes active and inactive; a missing one is left out. */
    Stream<Duration> changes() {
        return Stream.of(Attribute.FROM, Attribute.UNTIL).map(this::get).filter(Objects::nonNull);
    }
}
