package io.gpuagent.usage;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.Inventory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Lists the GPUs on a thread of its own: while that hangs, the GPUs known before go on. For the sampling thread. */
final class Enumerator implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Enumerator.class.getName());

    /**
     * How the backend is doing, and the GPUs it listed last: those of the last enumeration that succeeded, null before the first. GPUs of
     * a driver that is gone say so themselves.
     */
    record Listing(BackendState backend, @Nullable Inventory inventory) {

        /** This listing after an enumeration. */
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
     * Enumerates, unless that is under way or failed just now, and waits at most so long for one that it begins.
     *
     * @return how long the last one that finished took; zero if none did, or it had to load the driver first
     */
    Duration run(Duration patience) throws InterruptedException {
        boolean loads = !listing.backend().up();
        Duration late = settle(Duration.ZERO);
        if (!call.begin()) {
            return Duration.ZERO;
        }
        Duration took = settle(patience);
        return loads ? Duration.ZERO : late.compareTo(took) > 0 ? late : took;
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

    /** The last finished enumeration; if one hangs, its GPUs with a backend that is not up. */
    Listing listing() {
        return call.exceeds(listing.backend().up() ? deadline : firstDeadline).isPresent()
                ? listing.then(down(Reason.FAILED, "the driver does not answer the enumeration of GPUs"))
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
            LOG.log(System.Logger.Level.ERROR, "enumerating GPUs", e);
            return down(Reason.FAILED, e.toString());
        }
    }
}
