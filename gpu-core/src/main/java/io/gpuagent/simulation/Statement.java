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
 * One line of a scenario.
 *
 * @param number the line number in the scenario file
 * @param values the parsed values of the operand and the attributes, by name
 */
record Statement(int number, StatementType type, Map<String, Object> values) {

    /** @throws IllegalArgumentException with the reason, if the tokens are not a valid statement */
    static Statement parse(int number, List<Token> tokens) {
        StatementType type = StatementType.of(tokens.get(0));
        Map<String, Object> values = new LinkedHashMap<>();
        List<String> operands = tokens.stream()
                .skip(1)
                .filter(token -> token.key() == null)
                .map(Token::value)
                .toList();
        type.check(operands);
        if (type.operand != null) {
            put(values, type.operand, operands.get(0));
        }
        putAttributes(values, type, tokens);
        Statement statement = new Statement(number, type, values);
        Tokenizer.require(
                type != StatementType.FAULT || statement.hasEffect(), "fault needs one of the keys code, delay, hang");
        return statement;
    }

    private static void putAttributes(Map<String, Object> values, StatementType type, List<Token> tokens) {
        Set<String> seen = new HashSet<>();
        for (Token token : tokens) {
            if (token.key() != null) {
                Tokenizer.require(seen.add(token.key()), "the key " + token.key() + " appears twice");
                put(values, type.attribute(token.key()), token.value());
            }
        }
        type.required.forEach(attribute -> Tokenizer.require(
                seen.contains(attribute.name()), type.keyword() + " needs the key " + attribute.name()));
    }

    private boolean hasEffect() {
        return get(Attribute.CODE) != null || get(Attribute.DELAY) != null || get(Attribute.HANG, false);
    }

    private static void put(Map<String, Object> values, Attribute<?> attribute, String text) {
        Object value = attribute.parser().apply(text);
        if (value != null) {
            values.put(attribute.name(), value);
        }
    }

    <T> @Nullable T get(Attribute<T> attribute) {
        @SuppressWarnings("unchecked") // put by the attribute's own parser
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

    /**
     * {@code GI:CI} of the statement's MIG instance, {@code GI} if it has no {@code ci}; empty for the whole device.
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
}
