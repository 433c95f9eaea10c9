package io.gpuagent.usage;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.Inventory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lists the GPUs on a thread of its own: while that hangs, the GPUs known before go on. */
final class Enumerator implements AutoCloseable {

    /** What the last finished enumeration came to. */
    record Listing(BackendState backend, @Nullable Inventory inventory) {}

    private final GpuBackend backend;
    private final TimeSource time;
    private final Duration deadline;
    private final Duration firstDeadline;
    private final Thread thread;

    private Listing listing;
    private BackOff backOff;
    private boolean requested;
    private boolean running;
    private boolean closed;
    private long startedNanos;

    Enumerator(GpuBackend backend, TimeSource time, Duration deadline, Duration firstDeadline) {
        this.backend = backend;
        this.time = time;
        this.deadline = deadline;
        this.firstDeadline = firstDeadline;
        this.listing = new Listing(BackendState.unknown(backend.name()), null);
        this.backOff = BackOff.none(time.nanos());
        this.thread = new Thread(null, this::run, "gpu-enumerator", 1 << 20);
        this.thread.setDaemon(true);
        this.thread.start();
    }

    /** Begins an enumeration, unless one is under way or the last one failed just now. Returns whether it did. */
    synchronized boolean request() {
        if (running || requested || !backOff.over(time.nanos())) {
            return false;
        }
        requested = true;
        startedNanos = time.nanos();
        notifyAll();
        return true;
    }

    /** Waits until the enumeration that was requested is finished, at most so long. */
    synchronized void await(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (running || requested) {
            long millis = (end - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return;
            }
            wait(millis);
        }
    }

    /** The last finished enumeration; if one hangs, its GPUs with a backend that is not up. */
    synchronized Listing listing() {
        if (!hangs()) {
            return listing;
        }
        String message = "the driver does not answer the enumeration of GPUs";
        return new Listing(down(Reason.FAILED, message, listing.backend().driverVersion()), listing.inventory());
    }

    private boolean hangs() {
        Duration limit = listing.backend().up() ? deadline : firstDeadline;
        return (running || requested) && time.nanos() - startedNanos > limit.toNanos();
    }

    private BackendState down(Reason reason, String message, String driverVersion) {
        return new BackendState(backend.name(), false, true, driverVersion, reason, message);
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void run() {
        try {
            while (takeRequest()) {
                finish(enumerate());
            }
        } catch (InterruptedException e) {
            close();
        }
    }

    private synchronized boolean takeRequest() throws InterruptedException {
        while (!requested && !closed) {
            wait();
        }
        requested = false;
        running = !closed;
        return running;
    }

    private Listing enumerate() {
        try {
            Inventory inventory = backend.enumerate();
            return new Listing(
                    new BackendState(backend.name(), true, true, inventory.driverVersion(), null, ""), inventory);
        } catch (BackendUnavailableException e) {
            String message = Optional.ofNullable(e.getMessage()).orElse("");
            return new Listing(down(e.reason(), message, ""), new Inventory("", List.of()));
        } catch (RuntimeException | LinkageError e) {
            System.getLogger(Enumerator.class.getName()).log(System.Logger.Level.ERROR, "enumerating GPUs", e);
            return new Listing(down(Reason.FAILED, e.toString(), ""), new Inventory("", List.of()));
        }
    }

    private synchronized void finish(Listing next) {
        listing = next;
        backOff = next.backend().up() ? BackOff.none(time.nanos()) : backOff.afterFailure(time.nanos());
        running = false;
        notifyAll();
    }
}
