package io.gpuagent.agent.report;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Reads what one agent told, slice by slice in the order of time. */
final class AgentReader {

    private static final long LEAD = 3_600_000;
    private static final String PAGES = "gpu_agent_up|process_start_time_seconds|gpu_agent:known:5m";

    /** The part of evaluations of the rules that must be there. With one that is missing, five minutes are. */
    private static final double ENOUGH = 0.995;

    /** The rules look back for an hour. What was used in a longer gap they do not know; counters do. */
    private static final long LONGEST_GAP_OF_RULES = 3_000_000;

    /** No page has been read that tells of what came before. */
    private static final long NONE = Long.MAX_VALUE;

    private final PrometheusClient client;
    private final Agent agent;
    private final Slice range;
    private final boolean rulesAllowed;
    private Pages pages = new Pages(0);
    private Steps steps = new Steps(pages);

    /** Whether the newest samples before the slice are known, from the slice before it. */
    private boolean follows;

    private long newestPage = NONE;

    AgentReader(PrometheusClient client, Agent agent, Slice range, boolean rulesAllowed) {
        this.client = client;
        this.agent = agent;
        this.range = range;
        this.rulesAllowed = rulesAllowed;
    }

    /** The books of the slice; of several parts of it where the server will not give it at once. */
    List<Books> read(Slice slice) throws IOException {
        try {
            return slice.read(this::books);
        } catch (IOException e) {
            // What is missing is not made up from what comes after it.
            newestPage = NONE;
            throw e;
        }
    }

    private Books books(Slice slice) throws IOException {
        long lead = follows ? 0 : Math.max(LEAD, slice.from() - newestPage + Slice.INTERVAL);
        if (follows) {
            pages.forget();
            steps.forget(newestPage - LEAD);
        } else {
            pages = new Pages(slice.from() - lead);
            steps = new Steps(pages);
        }
        // Until all of the slice is read; else the next would go on from samples that are in no books.
        follows = false;
        Books books = new Books(extent(slice));
        boolean byRules = pages(books, slice, lead);
        if (byRules) {
            ask(Quantity.RECORDED, slice, 0, "", series -> recorded(books, series));
            ask(Quantity.GAUGES, slice, lead, ":5m", series -> sampled(books, slice, series));
        } else {
            ask(Quantity.GAUGES + "|" + Quantity.COUNTERS, slice, lead, "", series -> sampled(books, slice, series));
        }
        peaks(books, slice);
        follows = !byRules;
        newestPage = pages.times().isEmpty() ? newestPage : pages.times().last();
        return books;
    }

    /** What the first page in the slice tells of began with the page before it, or when the agent did. */
    private Slice extent(Slice slice) {
        long page = newestPage == NONE ? slice.from() - LEAD : newestPage - Slice.INTERVAL;
        return new Slice(Math.max(range.from(), page / Slice.INTERVAL * Slice.INTERVAL), slice.to());
    }

    /** Whether what the rules kept tells all of the slice. */
    private boolean pages(Books books, Slice slice, long lead) throws IOException {
        int[] recorded = {0};
        ask(PAGES, slice, lead, "", series -> {
            if (series.name().equals("gpu_agent:known:5m")) {
                for (long millis : series.millis()) {
                    recorded[0] += slice.from() < millis && millis <= slice.to() ? 1 : 0;
                }
            } else {
                pages.add(series);
            }
        });
        long gap = see(books, slice.from());
        double enough = ENOUGH * Division.sum(books.seen) * 1000 / Slice.INTERVAL;
        return rulesAllowed && recorded[0] > 0 && recorded[0] >= enough && gap <= LONGEST_GAP_OF_RULES;
    }

    /** The longest time between two pages that ends in the slice. */
    private long see(Books books, long from) {
        long longest = 0;
        long last = NONE;
        for (long page : pages.times()) {
            if (page > from && page > last) {
                longest = Math.max(longest, page - last);
                if (page - last <= Slice.GAP) {
                    books.add(books.seen, last, page, (page - last) / 1e3);
                }
            }
            last = page;
        }
        return longest;
    }

    private void sampled(Books books, Slice slice, Series series) {
        Quantity quantity = Quantity.of(series);
        List<Steps.Step> inside = steps.read(series, quantity.isCounted()).stream()
                .filter(step -> step.end() > slice.from() && step.begin() < slice.to())
                .toList();
        if (!inside.isEmpty()) {
            double[] amounts = amounts(books, series, quantity);
            inside.forEach(step -> books.add(amounts, step.begin(), step.end(), step.amount()));
        }
    }

    private void recorded(Books books, Series series) {
        double[] amounts = amounts(books, series, Quantity.of(series));
        for (int i = 0; i < series.millis().length; i++) {
            long millis = series.millis()[i];
            // The rules take the difference to the newest sample that is older than five minutes: after a gap, one
            // before it.
            Long base = pages.times().floor(millis - Slice.INTERVAL);
            boolean gap = base != null && millis - base > Slice.INTERVAL + Slice.GAP;
            books.add(amounts, gap ? base : millis - 1, millis, series.values()[i]);
        }
    }

    private static double[] amounts(Books books, Series series, Quantity quantity) {
        boolean workload = Quantity.OF_WORKLOADS.contains(quantity);
        return (workload ? books.workload(series) : books.board(series)).of(quantity);
    }

    private void peaks(Books books, Slice slice) throws IOException {
        String query = "max_over_time(%s[%ds])"
                .formatted(agent.series("gpu_workload_memory_peak_bytes"), (slice.to() - slice.from()) / 1000);
        client.query(query, slice.to(), series -> {
            Books.Account workload = books.workload(series);
            workload.peak = Math.max(workload.peak, series.values()[0]);
        });
    }

    /** Asks for what began in the slice as well, and at the end of the range for the sample after it. */
    private void ask(String names, Slice slice, long lead, String step, Consumer<Series> consumer) throws IOException {
        long end = slice.to() + (slice.to() == range.to() ? Slice.GAP : 0);
        String query = "%s[%ds%s]".formatted(agent.series(names), (end - slice.from() + lead) / 1000, step);
        client.query(query, end, consumer);
    }
}
