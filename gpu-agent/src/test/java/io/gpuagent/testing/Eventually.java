package io.gpuagent.testing;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for effects of other threads and processes. */
public final class Eventually {

    private Eventually() {}

    /** Fails unless the condition holds within the limit. */
    public static void within(Duration limit, String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + limit + ": " + what);
            }
            pause(Duration.ofMillis(10));
        }
    }

    /** Returns the source's value once it is as expected; the failure shows the last value. */
    public static <T> T get(Duration limit, String what, Supplier<T> source, Predicate<T> expected) {
        AtomicReference<T> last = new AtomicReference<>();
        try {
            within(limit, what, () -> {
                last.set(source.get());
                return expected.test(last.get());
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + last.get(), e);
        }
        return last.get();
    }

    public static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
