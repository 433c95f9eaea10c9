package io.gpuagent.simulation;

import io.gpuagent.simulation.Words.Word;
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
        Map<Form, List<Line>> lines,
        Map<Integer, List<Line>> processes,
        Map<String, List<Line>> containers) {

    static Scenario parse(String text) throws ScenarioException {
        List<Line> lines = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            try {
                List<Word> words = Words.of(line);
                if (!words.isEmpty()) {
                    lines.add(Line.parse(number, words));
                }
            } catch (IllegalArgumentException e) {
                throw new ScenarioException(number, String.valueOf(e.getMessage()));
            }
        }
        return of(lines.stream().collect(Collectors.groupingBy(Line::form)));
    }

    private static Scenario of(Map<Form, List<Line>> lines) throws ScenarioException {
        Scenario scenario = new Scenario(
                Line.last(lines.getOrDefault(Form.CYCLE, List.of()), Key.LENGTH),
                lines,
                by(Key.PID, lines.getOrDefault(Form.PROC, List.of())),
                by(Key.ID, lines.getOrDefault(Form.CONTAINER, List.of())));
        scenario.checkDevices();
        return scenario;
    }

    private static <T> Map<T, List<Line>> by(Key<T> key, List<Line> lines) {
        return lines.stream().collect(Collectors.groupingBy(line -> Objects.requireNonNull(line.get(key))));
    }

    /** A row of a device that does not exist would never be seen. */
    private void checkDevices() throws ScenarioException {
        Set<Integer> known = all(Form.DEVICE).stream()
                .filter(line -> line.get(Key.UUID) != null)
                .map(Line::device)
                .collect(Collectors.toSet());
        Optional<Line> lost = lines.values().stream()
                .flatMap(List::stream)
                .filter(line -> line.form().operand == Key.DEVICE && !known.contains(line.device()))
                .min(Comparator.comparing(Line::number));
        if (lost.isPresent()) {
            String reason = "device " + lost.get().device() + " has no line with a uuid";
            throw new ScenarioException(lost.get().number(), reason);
        }
    }

    List<Line> all(Form form) {
        return lines.getOrDefault(form, List.of());
    }

    /** How often the scenario has begun anew. */
    long round(Duration time) {
        return cycle == null ? 0 : time.toNanos() / cycle.toNanos();
    }

    /** Those of the lines that hold so long after the scenario began. */
    List<Line> holding(List<Line> lines, Duration time) {
        Duration inCycle = inCycle(time);
        return lines.stream().filter(line -> line.holds(inCycle)).toList();
    }

    /** When one of the lines next begins or ceases to hold, or all their times start anew; empty if that is never. */
    Optional<Duration> nextChange(List<Line> lines, Duration time) {
        Duration inCycle = inCycle(time);
        return Stream.concat(
                        Stream.ofNullable(cycle),
                        lines.stream()
                                .flatMap(line -> Stream.of(Key.FROM, Key.UNTIL)
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
