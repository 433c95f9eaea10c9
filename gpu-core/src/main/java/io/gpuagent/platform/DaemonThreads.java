package io.gpuagent.platform;

import java.util.concurrent.ThreadFactory;

/** Makes daemon threads, which do not keep the JVM from exiting. */
public final class DaemonThreads {

    /** For {@link Thread#Thread(ThreadGroup, Runnable, String, long)}: the JVM's default. */
    private static final long DEFAULT_STACK = 0;

    private DaemonThreads() {}

    /** A factory whose threads all have the name. */
    public static ThreadFactory named(String name) {
        return task -> of(name, task);
    }

    /** A thread that is not started. */
    public static Thread of(String name, Runnable task) {
        return of(name, DEFAULT_STACK, task);
    }

    /**
     * A thread that is not started.
     *
     * @param stackBytes the size of its stack
     */
    public static Thread of(String name, long stackBytes, Runnable task) {
        Thread thread = new Thread(null, task, name, stackBytes);
        thread.setDaemon(true);
        return thread;
    }
}
