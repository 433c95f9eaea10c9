package io.gpuagent.agent.cli.log;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/** Which lines were logged lately, so that what goes on for hours is not said every second. Not thread-safe. */
final class Repeats {

    private static final Duration QUIET = Duration.ofMinutes(10);
    private static final int REMEMBERED = 256;

    private static final class Said {
        private final Instant at;
        private int leftOut;

        Said(Instant at) {
            this.at = at;
        }
    }

    private final Map<String, Said> lately = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Said> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Empty if the line is to be left out; else how many times it was left out before. */
    OptionalInt admit(String line, Instant now) {
        Said said = lately.get(line);
        if (said != null && Duration.between(said.at, now).abs().compareTo(QUIET) < 0) {
            said.leftOut++;
            return OptionalInt.empty();
        }
        lately.put(line, new Said(now));
        return OptionalInt.of(said == null ? 0 : said.leftOut);
    }
}
