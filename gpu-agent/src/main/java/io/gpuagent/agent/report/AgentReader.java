package io.gpuagent.agent.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Reads the data of one agent, slice by slice in chronological order. */
final class AgentReader {

    private static final long LEAD = 3_600_000;
    private static final String PAGES = "gpu_agent_up|process_start_time_seconds|gpu_agent:known:5m";

    /** The minimum fraction of rule evaluations that must exist. A missing evaluation means five minutes of missing data. */
    private static final double ENOUGH = 0.995;

    /**
     * The longest gap between scrapes, in milliseconds, for which recorded series are used. The recording rules look back one hour and miss
     * the usage in a longer gap; the counters include it.
     */
    private static final long LONGEST_GAP_OF_RULES = 3_000_000;

    /** The value of {@link #newestPage} if no scrape before the slice is known. */
    private static final long NONE = Long.MAX_VALUE;

    private final PrometheusClient client;
    private final Agent agent;
    private final Slice range;
    private final boolean rulesAllowed;
    private Pages pages = new Pages(0);
    private Steps steps = new Steps(pages);

    /** Whether the newest samples before the slice are known because the previous slice was read. */
    private boolean follows;

    private long newestPage = NONE;

    AgentReader(PrometheusClient client, Agent agent, Slice range, boolean rulesAllowed) {
        this.client = client;
        this.agent = agent;
        this.range = range;
        this.rulesAllowed = rulesAllowed;
    }

    /** Reads the accounts of the slice. If the server rejects a query for the whole slice, the result has one element per part of it. */
    List<Books> read(Slice slice) throws IOException {
        try {
            return slice.read(this::books);
        } catch (IOException e) {
            // Forget the previous samples: otherwise the next slice would also charge the usage of this one.
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
        // This is set again only after the whole slice was read. If reading fails, the next slice must not continue
        // from samples that were not accounted for.
        follows = false;
        Books books = new Books(extent(slice));
        boolean byRules = pages(books, slice, lead);
        if (byRules) {
            ask(Quantity.RECORDED, slice, 0, "", series -> add(books, slice, series, recorded(series)));
            ask(Quantity.GAUGES, slice, lead, ":5m", series -> add(books, slice, series, steps.read(series)));
        } else {
            ask(
                    Quantity.GAUGES + "|" + Quantity.COUNTERS,
                    slice,
                    lead,
                    "",
                    series -> add(books, slice, series, steps.read(series)));
        }
        peaks(books, slice);
        follows = !byRules;
        newestPage = pages.times().isEmpty() ? newestPage : pages.times().last();
        return books;
    }

    /** The slice, extended back to the last scrape before it: the first scrape in the slice covers the time since then. */
    private Slice extent(Slice slice) {
        long page = newestPage == NONE ? slice.from() - LEAD : newestPage - Slice.INTERVAL;
        return new Slice(Math.max(range.from(), page / Slice.INTERVAL * Slice.INTERVAL), slice.to());
    }

    /** Reads the scrapes of the slice; returns whether the recorded series cover all of it. */
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

    /**
     * Marks the time between consecutive scrapes as observed. Returns the longest gap between two scrapes that ends in the slice, in
     * milliseconds.
     */
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

    /** Converts the samples of a recorded series to amounts. Each sample covers the five minutes before it. */
    private List<Steps.Step> recorded(Series series) {
        List<Steps.Step> kept = new ArrayList<>();
        for (int i = 0; i < series.millis().length; i++) {
            long millis = series.millis()[i];
            // The rules use the difference to the newest sample that is older than five minutes; after a gap, that is a
            // sample before the gap.
            Long base = pages.times().floor(millis - Slice.INTERVAL);
            boolean gap = base != null && millis - base > Slice.INTERVAL + Slice.GAP;
            kept.add(new Steps.Step(gap ? base : millis - 1, millis, series.values()[i]));
        }
        return kept;
    }

    /** Adds the amounts that end in the slice. Those that end earlier belong to another slice. */
    private static void add(Books books, Slice slice, Series series, List<Steps.Step> steps) {
        List<Steps.Step> inside = steps.stream()
                .filter(step -> step.end() > slice.from() && step.begin() < slice.to())
                .toList();
        if (!inside.isEmpty()) {
            Quantity quantity = Quantity.of(series);
            boolean workload = Quantity.OF_WORKLOADS.contains(quantity);
            double[] amounts = (workload ? books.workload(series) : books.board(series)).of(quantity);
            inside.forEach(step -> books.add(amounts, step.begin(), step.end(), step.amount()));
        }
    }

    private void peaks(Books books, Slice slice) throws IOException {
        String query = "max_over_time(%s[%ds])"
                .formatted(agent.series("gpu_workload_memory_peak_bytes"), (slice.to() - slice.from()) / 1000);
        client.query(query, slice.to(), series -> {
            Books.Account workload = books.workload(series);
            workload.peak = Math.max(workload.peak, series.values()[0]);
        });
    }

    /** Queries the slice and a lead time before it; at the end of the range also the first sample after it. */
    private void ask(String names, Slice slice, long lead, String step, Consumer<Series> consumer) throws IOException {
        long end = slice.to() + (slice.to() == range.to() ? Slice.GAP : 0);
        String query = "%s[%ds%s]".formatted(agent.series(names), (end - slice.from() + lead) / 1000, step);
        client.query(query, end, consumer);
    }
}
