package io.gpuagent.agent.cli.ps;

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
 * The command {@code ps}: waits until there is something to show, and shows it. Output goes out in UTF-8 if the stream is made so.
 *
 * @param json writes a snapshot as JSON; called for {@code --format=json} only
 */
public record PsCommand(
        PsSettings settings, Function<Snapshot, String> json, PrintStream out, PrintStream err, Patience patience) {

    /** It was shown. */
    public static final int DONE = 0;

    /** There is no driver, or none that answers. */
    public static final int NO_DRIVER = 1;

    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    /**
     * How long to wait for what.
     *
     * @param driver for a first sample, or the word that there is no driver
     * @param names after the first sample, for a second one and for the names of containers
     * @param poll between two looks at the snapshot
     */
    public record Patience(Duration driver, Duration names, Duration poll) {

        /** A driver that is not kept initialised takes seconds; a container runtime that does not answer in two will not. */
        public static final Patience USUAL =
                new Patience(Duration.ofSeconds(60), Duration.ofSeconds(2), Duration.ofMillis(20));
    }

    /**
     * Shows the node's GPUs; with {@code --watch} until the thread is interrupted or the process ends.
     *
     * @param snapshots the newest snapshot of a running sampler
     * @return the exit status
     */
    public int run(Supplier<Snapshot> snapshots) {
        try {
            Snapshot first = await(snapshots, patience.driver(), PsCommand::hasVerdict);
            if (!first.backend().up()) {
                return refuse(first);
            }
            Instant time = first.time();
            Snapshot settled = await(snapshots, patience.names(), snapshot -> isSettled(snapshot, time));
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
        // To be interrupted is how a watch is meant to end.
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
                Notes.gpusWithoutWorkloads(snapshot).forEach(this::complain);
                Notes.of(snapshot).forEach(this::complain);
            }
            case JSON -> out.println(json.apply(snapshot));
        }
        out.flush();
    }

    private int refuse(Snapshot snapshot) {
        String silence = "the driver has not answered for " + patience.driver().toSeconds() + " s";
        complain(hasVerdict(snapshot) ? snapshot.backend().message() : silence);
        return NO_DRIVER;
    }

    private void complain(String line) {
        err.println("gpu-agent: " + TerminalText.escape(line));
    }

    /** The first snapshot that is well, or the newest when the time is over. */
    private Snapshot await(Supplier<Snapshot> snapshots, Duration limit, Predicate<Snapshot> well)
            throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        Snapshot snapshot = snapshots.get();
        while (!well.test(snapshot) && System.nanoTime() < end) {
            Thread.sleep(patience.poll().toMillis());
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
