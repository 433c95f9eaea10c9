package io.gpuagent.nvml;

import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.platform.DaemonThreads;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * A background thread for all GPUs of one session, in addition to the threads that read each GPU. It ends when the
 * session is retired. The library is not shut down before that, so every step must be short.
 */
abstract class SessionThread {

    static final System.Logger LOG = System.getLogger(SessionThread.class.getName());

    private static final long STACK_BYTES = 1 << 20;

    final Session session;
    /** The GPUs of the last enumeration. */
    volatile List<NvmlGpu> gpus = List.of();

    SessionThread(Session session) {
        this.session = session;
    }

    void start(String name) {
        DaemonThreads.of(name, STACK_BYTES, this::run).start();
    }

    /** Sets the GPUs that the thread serves from now on. */
    void setGpus(List<Gpu> all) {
        gpus = all.stream()
                .filter(NvmlGpu.class::isInstance)
                .map(NvmlGpu.class::cast)
                .toList();
    }

    /** Runs until the session is retired. */
    abstract void serve();

    private void run() {
        try {
            session.begin();
        } catch (GpuUnavailableException e) {
            return;
        }
        try {
            serve();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, Thread.currentThread().getName() + " ended unexpectedly", e);
        } finally {
            session.end();
        }
    }

    /** Sleeps for the rest of a period that began at {@code start}, in {@link System#nanoTime()}. */
    static void pause(long start, long millis) {
        long left = millis - (System.nanoTime() - start) / 1_000_000;
        try {
            Thread.sleep(Math.max(0, left));
        } catch (InterruptedException e) {
            // No code interrupts this thread; it ends with its session.
        }
    }
}
