package io.gpuagent.nvml;

import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuUnavailableException;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * A thread for all GPUs of one session, beside those that read each of them. It ends with the session, and counts as one in the library,
 * which is not shut down before: no step of it may take long.
 */
abstract class SessionThread {

    static final System.Logger LOG = System.getLogger(SessionThread.class.getName());

    private static final long STACK_BYTES = 1 << 20;

    final Session session;
    /** The GPUs that it is about. */
    volatile List<NvmlGpu> listed = List.of();

    SessionThread(Session session) {
        this.session = session;
    }

    /** Starts the thread. */
    void start(String name) {
        Thread thread = new Thread(null, this::run, name, STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
    }

    /** Is about these from now on. */
    void follow(List<Gpu> gpus) {
        listed = gpus.stream()
                .filter(NvmlGpu.class::isInstance)
                .map(NvmlGpu.class::cast)
                .toList();
    }

    /** Works until the session is retired. */
    abstract void work();

    private void run() {
        try {
            session.begin();
        } catch (GpuUnavailableException e) {
            return;
        }
        try {
            work();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, Thread.currentThread().getName() + " has ended", e);
        } finally {
            session.end();
        }
    }

    /** Sleeps for what is left of a time. */
    static void pause(long start, long millis) {
        long left = millis - (System.nanoTime() - start) / 1_000_000;
        try {
            Thread.sleep(Math.max(0, left));
        } catch (InterruptedException e) {
            // Nobody has a reason to: the thread ends with its session.
        }
    }
}
