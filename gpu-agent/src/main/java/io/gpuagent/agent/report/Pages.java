package io.gpuagent.agent.report;

import java.util.NavigableSet;
import java.util.TreeMap;

/** The scrapes of an agent that brought a page, and when the agent that wrote it began. */
final class Pages {

    private final TreeMap<Long, Double> started = new TreeMap<>();

    /** From when on pages are known. */
    private final long since;

    Pages(long since) {
        this.since = since;
    }

    /** Takes in {@code gpu_agent_up}, which every page has, and {@code process_start_time_seconds}. */
    void add(Series series) {
        for (int i = 0; i < series.millis().length; i++) {
            if (series.name().equals("gpu_agent_up")) {
                started.putIfAbsent(series.millis()[i], Double.NaN);
            } else {
                started.put(series.millis()[i], series.values()[i]);
            }
        }
    }

    /** Forgets all pages but the newest. */
    void forget() {
        if (!started.isEmpty()) {
            started.headMap(started.lastKey()).clear();
        }
    }

    NavigableSet<Long> times() {
        return started.navigableKeySet();
    }

    /** When the agent began whose page it is, in Unix seconds; not a number if that is not known. */
    double started(long millis) {
        return started.getOrDefault(millis, Double.NaN);
    }

    /** From when on the page tells: the page before it, or the agent's beginning if that is later. */
    long begin(long millis) {
        Long before = started.lowerKey(millis);
        return Math.max(before == null ? since : before, (long) (started(millis) * 1000));
    }

    /** Whether a series that is first seen now was not there before: on an earlier page, or because there was no agent. */
    boolean showBirth(long millis) {
        return started.lowerKey(millis) != null || started(millis) * 1000 >= since;
    }
}
