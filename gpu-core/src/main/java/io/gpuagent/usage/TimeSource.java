package io.gpuagent.usage;

import java.time.Instant;

/** The clocks of a sampler. Intervals are measured by the monotonic one, since the wall clock can be set. */
public interface TimeSource {

    /** The clocks of the system. */
    TimeSource SYSTEM = new TimeSource() {
        @Override
        public Instant now() {
            return Instant.now();
        }

        @Override
        public long nanos() {
            return System.nanoTime();
        }
    };

    /** The time of day. */
    Instant now();

    /** Monotonic nanoseconds since an arbitrary moment. */
    long nanos();
}
