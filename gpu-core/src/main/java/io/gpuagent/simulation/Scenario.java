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
 * What a scenario file says. A node of many processes looks them and its containers up all the time, so both are found by who they are.
 */
record Scenario(
        @Nullable Duration cycle,
        Map<StatementType, List<Statement>> lines,
        Map<Integer, List<Statement>> processes,
        Map<String, List<Statement>> containers) {

    static Scenario parse(String text) throws ScenarioException {
        List<Statement> lines = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            try {
                List<Token> words = Tokenizer.of(line);
                if (!words.isEmpty()) {
                    lines.add(Statement.parse(number, words));
                }
            } catch (IllegalArgumentException e) {
                throw new ScenarioException(number, String.valueOf(e.getMessage()));
            }
        }
        return of(lines.stream().collect(Collectors.groupingBy(Statement::form)));
    }

    private static Scenario of(Map<StatementType, List<Statement>> lines) throws ScenarioException {
        Scenario scenario = new Scenario(
                Statement.last(lines.getOrDefault(StatementType.CYCLE, List.of()), Attribute.LENGTH),
                lines,
                by(Attribute.PID, lines.getOrDefault(StatementType.PROC, List.of())),
                by(Attribute.ID, lines.getOrDefault(StatementType.CONTAINER, List.of())));
        scenario.checkDevices();
        return scenario;
    }

    private static <T> Map<T, List<Statement>> by(Attribute<T> key, List<Statement> lines) {
        return lines.stream().collect(Collectors.groupingBy(line -> Objects.requireNonNull(line.get(key))));
    }

    /** A row of a device that does not exist would never be seen. */
    private void checkDevices() throws ScenarioException {
        Set<Integer> known = all(StatementType.DEVICE).stream()
                .filter(line -> line.get(Attribute.UUID) != null)
                .map(Statement::device)
                .collect(Collectors.toSet());
        Optional<Statement> lost = lines.values().stream()
                .flatMap(List::stream)
                .filter(line -> line.form().operand == Attribute.DEVICE && !known.contains(line.device()))
                .min(Comparator.comparing(Statement::number));
        if (lost.isPresent()) {
            String reason = "device " + lost.get().device() + " has no line with a uuid";
            throw new ScenarioException(lost.get().number(), reason);
        }
    }

    List<Statement> all(StatementType form) {
        return lines.getOrDefault(form, List.of());
    }

    /** How often the scenario has begun anew. */
    long round(Duration time) {
        return cycle == null ? 0 : time.toNanos() / cycle.toNanos();
    }

    /** Those of the lines that hold so long after the scenario began. */
    List<Statement> holding(List<Statement> lines, Duration time) {
        Duration inCycle = inCycle(time);
        return lines.stream().filter(line -> line.holds(inCycle)).toList();
    }

    /** When one of the lines next begins or ceases to hold, or all their times start anew; empty if that is never. */
    Optional<Duration> nextChange(List<Statement> lines, Duration time) {
        Duration inCycle = inCycle(time);
        return Stream.concat(
                        Stream.ofNullable(cycle),
                        lines.stream()
                                .flatMap(line -> Stream.of(Attribute.FROM, Attribute.UNTIL)
                                        .map(line::get)
                                        .filter(Objects::nonNull)))
                .filter(end -> end.compareTo(inCycle) > 0)
                .min(Comparator.naturalOrder())
                .map(end -> time.minus(inCycle).plus(end));
    }

    private Duration inCycle(Duration time) {
        return cycle == null ? time : Duration.ofNanos(time.toNanos() % cycle.toNanos());
    }
}
