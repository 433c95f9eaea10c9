package io.gpuagent.usage;

import java.time.Instant;

/** The clocks of a sampler. Intervals are measured with the monotonic clock, since the wall clock can be set. */
interface TimeSource {

    /** The system's clocks. */
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

    /** The wall-clock time. */
    Instant now();

    /** The monotonic time, in nanoseconds since an arbitrary moment. */
    long nanos();
}
