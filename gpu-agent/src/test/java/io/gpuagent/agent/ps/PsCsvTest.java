package io.gpuagent.agent.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.testing.Golden;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PsCsvTest {

    @Test
    void aWorkloadIsARow() throws IOException {
        Golden.check(PsCsvTest.class, "node.csv", PsCsv.render(PsSnapshots.node(), false));
    }

    @Test
    void aProcessIsARowOnRequest() throws IOException {
        Golden.check(PsCsvTest.class, "node-processes.csv", PsCsv.render(PsSnapshots.node(), true));
    }

    @Test
    void hostileNamesAreQuotedEscapedAndNotFormulas() throws IOException {
        Golden.check(PsCsvTest.class, "hostile.csv", PsCsv.render(PsSnapshots.hostile(), true));
    }

    @Test
    void negativeUnattributedMemoryStaysANumber() throws IOException {
        Golden.check(PsCsvTest.class, "mig.csv", PsCsv.render(PsSnapshots.mig(), false));
    }

    @Test
    void theRowsOfABoardAddUpToItsUsedMemory() {
        long sum = PsCsv.render(PsSnapshots.node(), false)
                .lines()
                .skip(1)
                .filter(line -> line.contains("H100"))
                .map(line -> line.split(",", -1))
                .map(cells -> cells[cells.length - 2])
                .filter(bytes -> !bytes.isEmpty())
                .mapToLong(Long::parseLong)
                .sum();
        assertEquals(31_700L << 20, sum);
    }

    @Test
    void withoutAWorkloadThereIsOnlyTheHeader() {
        assertEquals(1, PsCsv.render(PsSnapshots.empty(), false).lines().count());
    }
}
