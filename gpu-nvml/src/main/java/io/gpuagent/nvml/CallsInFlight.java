package io.gpuagent.nvml;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** How many threads are in the library now. It must not be shut down under them: their handles and locks would go with it. */
final class CallsInFlight {

    private static final long POLL_MILLIS = 5;

    private final AtomicInteger count = new AtomicInteger();

    void begin() {
        count.incrementAndGet();
    }

    void end() {
        count.decrementAndGet();
    }

    /** Whether within the time no more than {@code left} threads were in the library. */
    boolean drainTo(int left, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (count.get() > left) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
