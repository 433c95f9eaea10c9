package io.gpuagent.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A parsed scenario file. Processes and containers are indexed, because a node with many of them looks them up at every
 * sample.
 */
record Scenario(
        @Nullable Duration cycle,
        Map<StatementType, List<Statement>> statements,
        Map<Integer, List<Statement>> processes,
        Map<String, List<Statement>> containers) {

    static Scenario parse(String text) throws ScenarioException {
        List<Statement> statements = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            try {
                List<Token> tokens = Tokenizer.tokens(line);
                if (!tokens.isEmpty()) {
                    statements.add(Statement.parse(number, tokens));
                }
            } catch (IllegalArgumentException e) {
                throw new ScenarioException(number, String.valueOf(e.getMessage()));
            }
        }
        return of(statements.stream().collect(Collectors.groupingBy(Statement::type)));
    }

    private static Scenario of(Map<StatementType, List<Statement>> statements) throws ScenarioException {
        Scenario scenario = new Scenario(
                Statement.last(statements.getOrDefault(StatementType.CYCLE, List.of()), Attribute.LENGTH),
                statements,
                by(Attribute.PID, statements.getOrDefault(StatementType.PROC, List.of())),
                by(Attribute.ID, statements.getOrDefault(StatementType.CONTAINER, List.of())));
        scenario.checkDevices();
        return scenario;
    }

    private static <T> Map<T, List<Statement>> by(Attribute<T> attribute, List<Statement> statements) {
        return statements.stream()
                .collect(Collectors.groupingBy(statement -> Objects.requireNonNull(statement.get(attribute))));
    }

    /** A statement about an undefined device would have no effect, so it is an error. */
    private void checkDevices() throws ScenarioException {
        Set<Integer> known = all(StatementType.DEVICE).stream()
                .filter(statement -> statement.get(Attribute.UUID) != null)
                .map(Statement::device)
                .collect(Collectors.toSet());
        Optional<Statement> orphan = statements.values().stream()
                .flatMap(List::stream)
                .filter(statement ->
                        statement.type().operand == Attribute.DEVICE && !known.contains(statement.device()))
                .min(Comparator.comparing(Statement::number));
        if (orphan.isPresent()) {
            String reason = "device " + orphan.get().device() + " has no statement with a uuid";
            throw new ScenarioException(orphan.get().number(), reason);
        }
    }

    List<Statement> all(StatementType type) {
        return statements.getOrDefault(type, List.of());
    }

    /** The number of finished cycles. */
    long finishedCycles(Duration time) {
        return cycle == null ? 0 : time.toNanos() / cycle.toNanos();
    }

    /** The statements that are active at a time since the scenario's start. */
    List<Statement> active(List<Statement> statements, Duration time) {
        Duration inCycle = inCycle(time);
        return statements.stream()
                .filter(statement -> statement.isActive(inCycle))
                .toList();
    }

    /** The next time at which a statement becomes active or inactive or a new cycle starts; empty if there is none. */
    Optional<Duration> nextChange(List<Statement> statements, Duration time) {
        Duration inCycle = inCycle(time);
        return Stream.concat(
                        Stream.ofNullable(cycle),
                        statements.stream()
                                .flatMap(statement -> Stream.of(Attribute.FROM, Attribute.UNTIL)
                                        .map(statement::get)
                                        .filter(Objects::nonNull)))
                .filter(change -> change.compareTo(inCycle) > 0)
                .min(Comparator.naturalOrder())
                .map(change -> time.minus(inCycle).plus(change));
    }

    private Duration inCycle(Duration time) {
        return cycle == null ? time : Duration.ofNanos(time.toNanos() % cycle.toNanos());
    }
}
