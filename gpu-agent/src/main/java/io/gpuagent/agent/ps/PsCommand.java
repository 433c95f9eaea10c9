package io.gpuagent.agent.ps;

import io.gpuagent.agent.cli.PsSettings;
import io.gpuagent.agent.cli.TerminalText;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.workload.ContainerLookup;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code ps}: waits for a snapshot with resolved names and prints it.
 *
 * @param json renders a snapshot as JSON; called for {@code --format=json} only
 */
public record PsCommand(
        PsSettings settings, Function<Snapshot, String> json, PrintStream out, PrintStream err, Timeouts timeouts) {

    /** The exit status after the snapshot was printed. */
    public static final int DONE = 0;

    /** The exit status if there is no driver or it does not answer. */
    public static final int NO_DRIVER = 1;

    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    /**
     * Time limits.
     *
     * @param driver the maximum wait for the first sample, or for the result that there is no driver
     * @param names the maximum wait after the first sample, for the second sample and for container names
     * @param poll the time between two checks of the snapshot
     */
    public record Timeouts(Duration driver, Duration names, Duration poll) {

        /**
         * The limits are generous for the driver, which takes seconds to initialize when persistence mode is off. A
         * container runtime that takes more than two seconds is considered hung.
         */
        public static final Timeouts USUAL =
                new Timeouts(Duration.ofSeconds(60), Duration.ofSeconds(2), Duration.ofMillis(20));
    }

    /**
     * Prints the node's GPUs; with {@code --watch}, repeatedly until the thread is interrupted or the process ends.
     *
     * @param snapshots supplies the newest snapshot of a running sampler
     * @return the exit status
     */
    public int run(Supplier<Snapshot> snapshots) {
        try {
            Snapshot first = await(snapshots, timeouts.driver(), PsCommand::hasVerdict);
            if (!first.backend().up()) {
                return refuse(first);
            }
            Instant time = first.time();
            Snapshot settled = await(snapshots, timeouts.names(), snapshot -> isSettled(snapshot, time));
            if (settings.watch() == null) {
                show(settled);
                return DONE;
            }
            return watch(snapshots, settings.watch());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return DONE;
        }
    }

    private int watch(Supplier<Snapshot> snapshots, Duration interval) throws InterruptedException {
        // Ctrl-C is the normal way to end --watch, so the exit status reports success.
        Thread interrupted = new Thread(() -> Runtime.getRuntime().halt(DONE), "watch-interrupted");
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            while (!out.checkError()) {
                String table = PsTable.render(snapshots.get(), settings.processes());
                out.print(HOME + table.replace("\n", CLEAR_LINE + "\n") + CLEAR_BELOW);
                out.flush();
                Thread.sleep(interval.toMillis());
            }
            return DONE;
        } finally {
            Runtime.getRuntime().removeShutdownHook(interrupted);
        }
    }

    private void show(Snapshot snapshot) {
        switch (settings.format()) {
            case TABLE -> out.print(PsTable.render(snapshot, settings.processes()));
            case CSV -> {
                out.print(PsCsv.render(snapshot, settings.processes()));
                PsNotes.gpusWithoutWorkloads(snapshot).forEach(this::complain);
                PsNotes.of(snapshot).forEach(this::complain);
            }
            case JSON -> out.println(json.apply(snapshot));
        }
        out.flush();
    }

    private int refuse(Snapshot snapshot) {
        String silence = "the driver did not answer within " + timeouts.driver().toSeconds() + " s";
        complain(hasVerdict(snapshot) ? snapshot.backend().message() : silence);
        return NO_DRIVER;
    }

    private void complain(String line) {
        err.println("gpu-agent: " + TerminalText.escape(line));
    }

    /** The first snapshot that satisfies the condition, or the newest one when the time is over. */
    private Snapshot await(Supplier<Snapshot> snapshots, Duration limit, Predicate<Snapshot> condition)
            throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        Snapshot snapshot = snapshots.get();
        while (!condition.test(snapshot) && System.nanoTime() < end) {
            Thread.sleep(timeouts.poll().toMillis());
            snapshot = snapshots.get();
        }
        return snapshot;
    }

    private static boolean hasVerdict(Snapshot snapshot) {
        return snapshot.backend().known()
                && (snapshot.time() != null || !snapshot.backend().up());
    }

    private static boolean isSettled(Snapshot snapshot, @Nullable Instant first) {
        return snapshot.time() != null
                && !snapshot.time().equals(first)
                && snapshot.unnamed().getOrDefault(ContainerLookup.Reason.PENDING, 0) == 0
                && snapshot.gpus().stream().noneMatch(gpu -> gpu.state() instanceof GpuState.Starting);
    }
}
