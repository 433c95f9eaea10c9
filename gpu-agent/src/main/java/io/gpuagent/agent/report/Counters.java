package io.gpuagent.agent.report;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What counters gained, from one sample to the next. A series that is born counts with its first value, as does one after a restart of the agent and
 * one that pages lacked meanwhile; a failed scrape is none of these.
 */
final class Counters {

    /** Takes what a counter gained up to a time. */
    interface Sink {
        void add(long millis, double gained);
    }

    private record Last(long millis, double value, double started) {}

    private final Map<Map<String, String>, Last> known = new HashMap<>();
    private final Pages pages;

    Counters(Pages pages) {
        this.pages = pages;
    }

    void read(Series series, Sink sink) {
        Last last = known.get(series.labels());
        for (int i = 0; i < series.millis().length; i++) {
            long millis = series.millis()[i];
            if (last != null && millis <= last.millis) {
                continue;
            }
            Last next = new Last(millis, series.values()[i], pages.started(millis));
            sink.add(millis, gained(last, next));
            last = next;
        }
        if (last != null) {
            known.put(series.labels(), last);
        }
    }

    private double gained(@Nullable Last last, Last next) {
        if (last == null) {
            return pages.showBirth(next.millis) ? next.value : 0;
        }
        Long page = pages.before(next.millis);
        boolean restarted = next.value < last.value || Math.abs(next.started - last.started) > 0;
        boolean missed = page != null && page - last.millis >= Slice.GAP;
        return restarted || missed ? next.value : next.value - last.value;
    }
}
