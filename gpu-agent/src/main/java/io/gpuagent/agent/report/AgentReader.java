package io.gpuagent.agent.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Reads what one agent told, slice by slice in the order of time. */
final class AgentReader {

    private static final long LEAD = 3_600_000;
    private static final String PAGES = "gpu_agent_up|process_start_time_seconds|gpu_agent:known:5m";
    private static final String GAUGES = "gpu_up|gpu_memory_(used|total|unattributed)_bytes";
    private static final String COUNTERS =
            "gpu_workload_(memory_byte_seconds|sm_seconds|energy_joules)_total|gpu_energy_(unattributed_)?joules_total";
    private static final String RULES =
            "gpu_workload:(memory_byte_seconds|sm_seconds|energy_joules):increase5m|gpu:energy_(unattributed_)?joules:increase5m";
    private static final double ENOUGH = 0.95;

    /** The rules look back for an hour. What was used in a longer gap they do not know; counters do. */
    private static final long LONGEST_GAP_OF_RULES = 3_000_000;

    private final PrometheusClient client;
    private final Agent agent;
    private final boolean rulesAllowed;
    private Pages pages = new Pages(Long.MIN_VALUE);
    private Counters counters = new Counters(pages);
    private Gauges gauges = new Gauges();

    /** Whether samples before the slice are known, from the slice before it. */
    private boolean follows;

    private long newestPage = Long.MAX_VALUE;

    AgentReader(PrometheusClient client, Agent agent, boolean rulesAllowed) {
        this.client = client;
        this.agent = agent;
        this.rulesAllowed = rulesAllowed;
    }

    /** The books of the slice; of several parts of it where the server will not give it at once. */
    List<Books> read(Slice slice) throws IOException {
        try {
            return List.of(books(slice));
        } catch (ServerException e) {
            List<Slice> halves = slice.halves();
            if (!e.isTooMuch() || halves.size() == 1) {
                throw e;
            }
            List<Books> parts = new ArrayList<>();
            for (Slice half : halves) {
                parts.addAll(read(half));
            }
            return parts;
        }
    }

    private Books books(Slice slice) throws IOException {
        Books books = new Books(slice);
        long lead = follows ? 0 : Math.max(LEAD, slice.from() - newestPage + Slice.INTERVAL);
        if (!follows) {
            pages = new Pages(slice.from() - lead);
            counters = new Counters(pages);
            gauges = new Gauges();
        }
        pages.forget();
        int[] recorded = {0};
        ask(agent.series(PAGES), slice, lead, "", series -> {
            if (series.name().equals("gpu_agent:known:5m")) {
                recorded[0] += series.millis().length;
            } else {
                pages.add(series);
            }
        });
        long gap = see(books);
        double enough = ENOUGH * Division.sum(books.seen) * 1000 / Slice.INTERVAL;
        if (rulesAllowed && recorded[0] > 0 && recorded[0] >= enough && gap <= LONGEST_GAP_OF_RULES) {
            ask(agent.series(RULES), slice, 0, "", series -> recorded(books, series));
            ask(agent.series(GAUGES), slice, lead, ":5m", series -> gauge(books, series));
            follows = false;
        } else {
            ask(agent.series(GAUGES + "|" + COUNTERS), slice, lead, "", series -> raw(books, series));
            follows = true;
        }
        peaks(books);
        return books;
    }

    /** The longest time between two pages that ends in the slice. */
    private long see(Books books) {
        long longest = 0;
        long last = Long.MAX_VALUE;
        for (long page : pages.times()) {
            long begin = Math.max(last, books.slice.from());
            if (page > begin) {
                longest = Math.max(longest, page - last);
                if (page - last <= Slice.GAP) {
                    books.add(books.seen, page, (page - begin) / 1e3);
                }
            }
            last = page;
            newestPage = page;
        }
        return longest;
    }

    private void raw(Books books, Series series) {
        if (series.name().endsWith("_total")) {
            double[] intervals = intervals(books, series);
            counters.read(series, (millis, gained) -> books.add(intervals, millis, gained));
        } else {
            gauge(books, series);
        }
    }

    private static void recorded(Books books, Series series) {
        double[] intervals = intervals(books, series);
        for (int i = 0; i < series.millis().length; i++) {
            books.add(intervals, series.millis()[i], series.values()[i]);
        }
    }

    private static double[] intervals(Books books, Series series) {
        String name = series.name();
        if (name.startsWith("gpu_workload")) {
            Books.Workload workload = books.workload(series);
            return name.contains("byte_seconds")
                    ? workload.bytes
                    : name.contains("sm_") ? workload.sm : workload.joules;
        }
        Books.Board board = books.board(series);
        return name.contains("unattributed") ? board.unattributedJoules : board.joules;
    }

    private void gauge(Books books, Series series) {
        Books.Board board = books.board(series);
        double[] intervals = switch (series.name()) {
            case "gpu_up" -> board.observed;
            case "gpu_memory_used_bytes" -> board.used;
            case "gpu_memory_total_bytes" -> board.total;
            default -> board.unattributed;
        };
        gauges.read(
                series, books.slice.from(), (millis, seconds, value) -> books.add(intervals, millis, seconds * value));
    }

    private void peaks(Books books) throws IOException {
        Slice slice = books.slice;
        String query = "max_over_time(%s[%ds])"
                .formatted(agent.series("gpu_workload_memory_peak_bytes"), (slice.to() - slice.from()) / 1000);
        client.ask("query", Map.of("query", query, "time", time(slice.to())), series -> {
            Books.Workload workload = books.workload(series);
            workload.peak = Math.max(workload.peak, series.values()[0]);
        });
    }

    private void ask(String selector, Slice slice, long lead, String step, Consumer<Series> consumer)
            throws IOException {
        String query = "%s[%ds%s]".formatted(selector, (slice.to() - slice.from() + lead) / 1000, step);
        client.ask("query", Map.of("query", query, "time", time(slice.to())), consumer);
    }

    static String time(long millis) {
        return Long.toString(millis / 1000);
    }
}
