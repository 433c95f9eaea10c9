package io.gpuagent.agent.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Golden;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PsTableTest {

    @Test
    void aNodeIsATableOfBoardsAndATableOfWorkloads() throws IOException {
        String table = PsTable.render(PsSnapshots.node(), false);
        Golden.check(PsTableTest.class, "node.txt", table);
        Golden.checkDocument("gpu-agent/CONFIGURATION.md", "ps", "```\n" + table + "```\n");
    }

    @Test
    void everyProcessHasItsOwnLineOnRequest() throws IOException {
        Golden.check(PsTableTest.class, "node-processes.txt", PsTable.render(PsSnapshots.node(), true));
    }

    @Test
    void problemsAreShown() throws IOException {
        Golden.check(PsTableTest.class, "problems.txt", PsTable.render(PsSnapshots.problems(), true));
    }

    @Test
    void migInstancesHaveAColumn() throws IOException {
        Golden.check(PsTableTest.class, "mig.txt", PsTable.render(PsSnapshots.mig(), false));
    }

    @Test
    void hostileNamesAreEscaped() throws IOException {
        String table = PsTable.render(PsSnapshots.hostile(), true);
        Golden.check(PsTableTest.class, "hostile.txt", table);
        assertTrue(table.chars().allMatch(c -> c >= ' ' || c == '\n'));
    }

    @Test
    void aNodeWithoutGpusOrProcessesIsReportedAsSuch() {
        assertTrue(PsTable.render(PsSnapshots.empty(), false).endsWith("\n\nNo GPU on this node.\n"));
        assertTrue(PsTable.render(PsSnapshots.idle(), false).endsWith("\n\nNo process uses a GPU.\n"));
    }

    @Test
    void aLostDriverIsNotShownAsANodeWithoutGpus() {
        String table = PsTable.render(PsSnapshots.noDriver(), false);
        assertTrue(
                table.endsWith("\n\nGPUs cannot be read: libnvidia-ml.so.1 was not found; is a driver installed?\n"));
    }

    @Test
    void simulatedFiguresAreMarked() {
        String first = PsTable.render(PsSnapshots.simulated(PsSnapshots.idle()), false)
                .lines()
                .findFirst()
                .orElseThrow();
        assertEquals("2026-11-23T12:00:00Z  driver 580.95.05  SIMULATED: not this node's GPUs", first);
    }
}
