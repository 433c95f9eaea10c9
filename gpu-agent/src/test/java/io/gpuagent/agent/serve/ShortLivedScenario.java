package io.gpuagent.agent.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The node of short-lived.scenario, played at a given pace, with its true figures. */
final class ShortLivedScenario {

    private static final Pattern TIME = Pattern.compile("(from|until)=([0-9.]+)s");

    /** Seconds that the agent and Prometheus have to start. */
    private static final double LEAD = 3;

    private final String text;
    private final List<Proc> procs;
    private final Map<String, Double> watts = new HashMap<>();

    /** @param pace real seconds per second of the scenario */
    ShortLivedScenario(double pace) {
        text = TIME.matcher(read())
                .replaceAll(time ->
                        "%s=%.4fs".formatted(time.group(1), LEAD + pace * Double.parseDouble(time.group(2))));
        procs = text.lines()
                .filter(line -> line.startsWith("proc "))
                .map(Proc::of)
                .toList();
        text.lines()
                .filter(line -> line.startsWith("device "))
                .forEach(line -> watts.put(line.split(" ")[1], number(line, "power", 0)));
    }

    /** A process; each is in its own container. */
    private record Proc(String gpu, double bytes, double sm, double from, double until) {

        static Proc of(String line) {
            return new Proc(
                    line.split(" ")[1],
                    number(line, "mem", 0) * (1L << 30),
                    number(line, "sm", 0) / 100,
                    number(line, "from", 0),
                    number(line, "until", Double.POSITIVE_INFINITY));
        }

        boolean runs(double time) {
            return from <= time && time < until;
        }
    }

    private static String read() {
        try (InputStream in = ShortLivedScenario.class.getResourceAsStream("short-lived.scenario")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double number(String line, String key, double otherwise) {
        return Pattern.compile(" " + key + "=([0-9.]+)")
                .matcher(line)
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group(1)))
                .findFirst()
                .orElse(otherwise);
    }

    String text() {
        return text;
    }

    /** The time at which the last container has ended. */
    double end() {
        return procs.stream()
                .mapToDouble(Proc::until)
                .filter(Double::isFinite)
                .max()
                .orElseThrow();
    }

    /** The number of containers that begin and end between the two times. */
    long shortLived(double from, double until) {
        return procs.stream()
                .filter(proc -> proc.from() >= from && proc.until() <= until)
                .count();
    }

    double byteSeconds(double from, double until) {
        return sum(from, until, (proc, running) -> proc.bytes());
    }

    double smSeconds(double from, double until) {
        return sum(from, until, (proc, running) -> proc.sm());
    }

    double joules(double from, double until) {
        return sum(from, until, (proc, running) -> {
            double all = running.stream()
                    .filter(other -> other.gpu().equals(proc.gpu()))
                    .mapToDouble(Proc::sm)
                    .sum();
            return watts.get(proc.gpu()) * proc.sm() / Math.max(1, all);
        });
    }

    private interface Rate {
        double of(Proc proc, List<Proc> running);
    }

    /** The integral over all processes of a rate that is constant between consecutive starts and ends. */
    private double sum(double from, double until, Rate rate) {
        TreeSet<Double> steps = new TreeSet<>();
        procs.forEach(proc -> steps.addAll(List.of(proc.from(), proc.until())));
        steps.add(until);
        double sum = 0;
        double begin = from;
        for (double end : steps.subSet(from, false, until, true)) {
            double time = begin;
            List<Proc> running = procs.stream().filter(proc -> proc.runs(time)).toList();
            sum += (end - begin)
                    * running.stream()
                            .mapToDouble(proc -> rate.of(proc, running))
                            .sum();
            begin = end;
        }
        return sum;
    }

    @Override
    public String toString() {
        return "%d containers in %.0f s".formatted(procs.size(), end());
    }
}
