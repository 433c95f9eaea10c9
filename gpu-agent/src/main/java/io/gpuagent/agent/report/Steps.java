package io.gpuagent.agent.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Converts series to amounts between consecutive samples. */
final class Steps {

    /** An amount that accrued between two times. */
    record Step(long begin, long end, double amount) {}

    private record Sample(long millis, double value, double started) {}

    private final Map<Map<String, String>, Sample> known = new HashMap<>();
    private final Pages pages;

    Steps(Pages pages) {
        this.pages = pages;
    }

    /** Forgets series without samples since the given time; if they reappear, they count as new. */
    void forget(long millis) {
        known.values().removeIf(sample -> sample.millis < millis);
    }

    /** The amounts from samples that were not read before. */
    List<Step> read(Series series) {
        List<Step> steps = new ArrayList<>();
        boolean counter = Quantity.of(series).isCounted();
        Sample last = known.get(series.labels());
        for (int i = 0; i < series.millis().length; i++) {
            long millis = series.millis()[i];
            if (last != null && millis <= last.millis) {
                continue;
            }
            Sample next = new Sample(millis, series.values()[i], pages.started(millis));
            if (counter) {
                steps.add(new Step(pages.begin(millis), millis, gained(last, next)));
            } else if (last != null && millis - last.millis <= Slice.GAP) {
                steps.add(new Step(last.millis, millis, last.value * (millis - last.millis) / 1e3));
            }
            last = next;
        }
        if (last != null) {
            known.put(series.labels(), last);
        }
        return steps;
    }

    /**
     * The increase of a counter since its previous sample. The whole value counts if the series is new, if the agent was restarted, or if
     * successful scrapes in between did not contain the series. A failed scrape alone changes nothing.
     */
    private double gained(@Nullable Sample last, Sample next) {
        if (last == null) {
            return pages.showBirth(next.millis) ? next.value : 0;
        }
        boolean restarted = next.value < last.value || Math.abs(next.started - last.started) > 0;
        boolean missed = pages.begin(next.millis) - last.millis >= Slice.GAP;
        return restarted || missed ? next.value : next.value - last.value;
    }
}
