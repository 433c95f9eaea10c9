package io.gpuagent.agent.report;

import java.util.HashMap;
import java.util.Map;

/** For how long gauges had which value. A value holds until the next sample, if that is not beyond a gap. */
final class Gauges {

    /** Takes the value that a gauge had for some time up to another. */
    interface Sink {
        void add(long millis, double seconds, double value);
    }

    private record Last(long millis, double value) {}

    private final Map<Map<String, String>, Last> known = new HashMap<>();

    void read(Series series, long from, Sink sink) {
        Last last = known.get(series.labels());
        for (int i = 0; i < series.millis().length; i++) {
            long millis = series.millis()[i];
            if (last != null && millis > last.millis && millis - last.millis <= Slice.GAP && millis > from) {
                sink.add(millis, (millis - Math.max(last.millis, from)) / 1e3, last.value);
            }
            last = new Last(millis, series.values()[i]);
        }
        if (last != null) {
            known.put(series.labels(), last);
        }
    }
}
