package io.gpuagent.usage;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.Inventory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Enumerates the GPUs on a separate thread, so that known GPUs are still sampled while an enumeration hangs. Called
 * only by the sampler thread.
 */
final class Enumerator implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Enumerator.class.getName());

    /**
     * The backend's state and the inventory of the last successful enumeration, which is null before the first one. If
     * the driver is unloaded later, its GPUs remain listed and their reads fail.
     */
    record Listing(BackendState backend, @Nullable Inventory inventory) {

        /** Combines this listing with the next one. If the next enumeration failed, the known inventory is kept. */
        Listing then(Listing next) {
            return next.inventory != null ? next : new Listing(next.backend.withVersionOf(backend), inventory);
        }
    }

    private final GpuBackend backend;
    private final Duration deadline;
    private final Duration firstDeadline;
    private final RepeatedCall<Listing> call;

    private Listing listing;

    Enumerator(GpuBackend backend, TimeSource time, Duration deadline, Duration firstDeadline) {
        this.backend = backend;
        this.deadline = deadline;
        this.firstDeadline = firstDeadline;
        this.listing = new Listing(BackendState.unknown(backend.name()), null);
        this.call = new RepeatedCall<>("gpu-enumerator", time, this::enumerate);
    }

    /**
     * Starts an enumeration unless one is in progress or backing off, and waits for it.
     *
     * @param patience the longest time to wait
     * @return the duration of the last finished enumeration; zero if none finished, or if the enumeration had to
     *     initialize the driver
     */
    Duration run(Duration patience) throws InterruptedException {
        boolean initialises = !listing.backend().up();
        Duration late = settle(Duration.ZERO);
        if (!call.begin()) {
            return Duration.ZERO;
        }
        Duration took = settle(patience);
        return initialises ? Duration.ZERO : late.compareTo(took) > 0 ? late : took;
    }

    private Duration settle(Duration patience) throws InterruptedException {
        return call.finish(patience)
                .map(finished -> {
                    listing = listing.then(finished.result());
                    call.failed(!listing.backend().up());
                    return finished.took();
                })
                .orElse(Duration.ZERO);
    }

    /**
     * The result of the last finished enumeration. While an enumeration exceeds its deadline, the known GPUs are
     * returned with a backend that is not up.
     */
    Listing listing() {
        return call.exceeds(listing.backend().up() ? deadline : firstDeadline).isPresent()
                ? listing.then(down(Reason.FAILED, "the driver does not respond to the enumeration of GPUs"))
                : listing;
    }

    private Listing down(Reason reason, @Nullable String message) {
        String text = message == null ? reason.toString() : message;
        return new Listing(new BackendState(backend.name(), false, true, "", reason, text), null);
    }

    @Override
    public void close() {
        call.close();
    }

    private Listing enumerate() {
        try {
            Inventory inventory = backend.enumerate();
            return new Listing(
                    new BackendState(backend.name(), true, true, inventory.driverVersion(), null, ""), inventory);
        } catch (BackendUnavailableException e) {
            return down(e.reason(), e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "the enumeration of GPUs failed", e);
            return down(Reason.FAILED, e.toString());
        }
    }
}
