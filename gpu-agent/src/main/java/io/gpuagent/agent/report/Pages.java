package io.gpuagent.agent.report;

import java.util.NavigableSet;
import java.util.TreeMap;

/** The successful scrapes of an agent, each with the start time of the agent's process. */
final class Pages {

    private final TreeMap<Long, Double> started = new TreeMap<>();

    /** The time from which on all scrapes are known, in Unix milliseconds. */
    private final long since;

    Pages(long since) {
        this.since = since;
    }

    /** Adds the samples of {@code gpu_agent_up}, which every scrape has, or of {@code process_start_time_seconds}. */
    void add(Series series) {
        for (int i = 0; i < series.millis().length; i++) {
            if (series.name().equals("gpu_agent_up")) {
                started.putIfAbsent(series.millis()[i], Double.NaN);
            } else {
                started.put(series.millis()[i], series.values()[i]);
            }
        }
    }

    /** Removes all scrapes but the newest. */
    void forget() {
        if (!started.isEmpty()) {
            started.headMap(started.lastKey()).clear();
        }
    }

    NavigableSet<Long> times() {
        return started.navigableKeySet();
    }

    /** The start time of the agent's process at a scrape, in Unix seconds; NaN if unknown. */
    double started(long millis) {
        return started.getOrDefault(millis, Double.NaN);
    }

    /** The start of the time that a scrape covers: the previous scrape, or the agent's start if that is later. */
    long begin(long millis) {
        Long before = started.lowerKey(millis);
        return Math.max(before == null ? since : before, (long) (started(millis) * 1000));
    }

    /**
     * Whether a series that first appears at this scrape is known to be new: an earlier scrape did not contain it, or the agent was not
     * running before.
     */
    boolean showBirth(long millis) {
        return started.lowerKey(millis) != null || started(millis) * 1000 >= since;
    }
}
