package io.gpuagent.agent.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.cli.PsSettings;
import io.gpuagent.usage.Snapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PsCommandTest {

    private static final PsSettings TABLE = new PsSettings(false, PsSettings.Format.TABLE, null);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void itWaitsForASecondSampleAndForNames() {
        Snapshot node = PsSnapshots.node();
        Snapshot complete = PsSnapshots.at(PsSnapshots.problems(), PsSnapshots.TIME.plusSeconds(2), 0);
        Snapshot settled = PsSnapshots.at(PsSnapshots.mig(), PsSnapshots.TIME.plusSeconds(3), 0);
        int status = run(
                TABLE,
                PsSnapshots.noVerdict(),
                PsSnapshots.at(node, PsSnapshots.TIME, 0),
                PsSnapshots.at(node, PsSnapshots.TIME.plusSeconds(1), 1),
                complete,
                settled);
        assertEquals(PsCommand.DONE, status);
        assertEquals(PsTable.render(settled, false), text(out));
    }

    @Test
    void oneSampleIsNotEnough() {
        Snapshot first = PsSnapshots.at(PsSnapshots.node(), PsSnapshots.TIME, 0);
        Snapshot second = PsSnapshots.at(PsSnapshots.mig(), PsSnapshots.TIME.plusSeconds(1), 0);
        run(TABLE, first, first, first, second);
        assertEquals(PsTable.render(second, false), text(out));
    }

    @Test
    void itStopsWaitingForNamesAfterALimit() {
        Snapshot unnamed = PsSnapshots.at(PsSnapshots.node(), PsSnapshots.TIME, 1);
        assertEquals(PsCommand.DONE, run(TABLE, unnamed));
        assertTrue(text(out).contains("1 container without a name: lookup timed out"), text(out));
    }

    @Test
    void withoutADriverTheExitStatusIsOneAndTheReasonIsOnStandardError() {
        assertEquals(PsCommand.NO_DRIVER, run(TABLE, PsSnapshots.noVerdict(), PsSnapshots.noDriver()));
        assertEquals("", text(out));
        assertEquals("gpu-agent: libnvidia-ml.so.1 was not found; is a driver installed?\n", text(err));
    }

    @Test
    void aDriverThatNeverAnswersEndsTheWait() {
        assertEquals(PsCommand.NO_DRIVER, run(TABLE, PsSnapshots.noVerdict()));
        assertTrue(text(err).startsWith("gpu-agent: the driver did not answer within "), text(err));
    }

    @Test
    void csvReportsOnStandardErrorWhatItCannotShow() {
        run(new PsSettings(false, PsSettings.Format.CSV, null), PsSnapshots.problems());
        assertEquals(PsCsv.render(PsSnapshots.problems(), false), text(out));
        assertTrue(text(err).contains("gpu-agent: GPU 0 stalled in nvmlDeviceGetMemoryInfo_v2 since "), text(err));
        assertTrue(text(err).contains("not the host's"), text(err));
    }

    @Test
    void jsonIsWrittenByTheGivenWriter() {
        run(new PsSettings(false, PsSettings.Format.JSON, null), PsSnapshots.node());
        assertEquals("{\"gpus\":2}\n", text(out));
    }

    @Test
    void watchingRepeatsTheTableUntilInterrupted() throws InterruptedException {
        Thread watcher = new Thread(
                () -> run(new PsSettings(false, PsSettings.Format.TABLE, Duration.ofMillis(1)), PsSnapshots.idle()));
        watcher.start();
        while (text(out).split("\u001b\\[H", -1).length < 3) {
            Thread.sleep(5);
        }
        watcher.interrupt();
        watcher.join();
        String frame = PsTable.render(PsSnapshots.idle(), false).replace("\n", "\u001b[K\n");
        assertTrue(text(out).startsWith("\u001b[H" + frame + "\u001b[J\u001b[H" + frame), text(out));
    }

    @Test
    void anInterruptedWatchExitsWithStatusZero() throws IOException, InterruptedException {
        // Background jobs of a shell may ignore SIGINT, and their children inherit that.
        Process watch = new ProcessBuilder(
                        "env",
                        "--default-signal=INT",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WatchForever.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            assertEquals('\u001b', watch.getInputStream().read());
            new ProcessBuilder("sh", "-c", "kill -INT " + watch.pid()).start().waitFor();
            assertTrue(watch.waitFor(10, TimeUnit.SECONDS));
            assertEquals(0, watch.exitValue());
        } finally {
            watch.destroyForcibly();
        }
    }

    /** A watch in a separate process. */
    static final class WatchForever {

        private WatchForever() {}

        public static void main(String[] args) {
            PsSettings watch = new PsSettings(false, PsSettings.Format.TABLE, Duration.ofSeconds(1));
            System.exit(7 + command(watch, System.out, System.err).run(PsSnapshots::idle));
        }
    }

    private int run(PsSettings settings, Snapshot... snapshots) {
        return command(settings, stream(out), stream(err)).run(sequence(snapshots));
    }

    private static PsCommand command(PsSettings settings, PrintStream out, PrintStream err) {
        Duration soon = Duration.ofMillis(100);
        return new PsCommand(
                settings,
                snapshot -> "{\"gpus\":" + snapshot.gpus().size() + "}",
                out,
                err,
                new PsCommand.Timeouts(soon, soon, Duration.ofMillis(1)));
    }

    /** Returns the snapshots one after the other, then the last one forever. */
    private static Supplier<Snapshot> sequence(Snapshot... snapshots) {
        Iterator<Snapshot> coming = List.of(snapshots).iterator();
        Snapshot last = snapshots[snapshots.length - 1];
        return () -> coming.hasNext() ? coming.next() : last;
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
