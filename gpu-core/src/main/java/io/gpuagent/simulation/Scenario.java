package io.gpuagent.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A parsed scenario file. Processes and containers are indexed because they are looked up at every sample, and a node
 * may have many.
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
        Map<StatementType, List<Statement>> byType =
                statements.stream().collect(Collectors.groupingBy(Statement::type));
        Scenario scenario = new Scenario(
                Statement.last(statements, Attribute.LENGTH),
                byType,
                by(Attribute.PID, byType.getOrDefault(StatementType.PROC, List.of())),
                by(Attribute.ID, byType.getOrDefault(StatementType.CONTAINER, List.of())));
        scenario.checkDevices();
        return scenario;
    }

    private static <T> Map<T, List<Statement>> by(Attribute<T> attribute, List<Statement> statements) {
        return statements.stream()
                .collect(Collectors.groupingBy(statement -> Objects.requireNonNull(statement.get(attribute))));
    }

    /** Rejects statements about undefined devices, which would have no effect. */
    private void checkDevices() throws ScenarioException {
        Optional<Statement> orphan = statements.values().stream()
                .flatMap(List::stream)
                .filter(statement -> statement.type().operand == Attribute.DEVICE)
                .filter(statement ->
                        Statement.last(all(StatementType.DEVICE, statement.device()), Attribute.UUID) == null)
                .min(Comparator.comparing(Statement::number));
        if (orphan.isPresent()) {
            String reason = "device " + orphan.get().device() + " has no statement with a uuid";
            throw new ScenarioException(orphan.get().number(), reason);
        }
    }

    List<Statement> all(StatementType type) {
        return statements.getOrDefault(type, List.of());
    }

    /** All statements of a type about a device. */
    List<Statement> all(StatementType type, int device) {
        return all(type).stream()
                .filter(statement -> statement.device() == device)
                .toList();
    }
}
