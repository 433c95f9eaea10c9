package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.device.GpuProcess;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests the accounts of containers whose names are found late, change or are never found. */
class LedgerNamesTest extends LedgerFixture {

    @Test
    void containerIsShownUnderItsNameAndCompleteFromItsFirstSample() {
        enter(0, usage(CONTAINER, 100L));
        enter(4, usage(CONTAINER, 100L));
        assertEquals(List.of(), settled(ledger, GPU, nanos(4)));
        known("trainer");
        enter(4, usage(CONTAINER, 100L));
        assertEquals(400.0, byteSeconds(4, "trainer"));
        enter(5, usage(CONTAINER, 100L));
        assertEquals(500.0, byteSeconds(5, "trainer"));
        assertEquals(1, settled(ledger, GPU, nanos(5)).size());
    }

    @Test
    void containerIsShownByItsIdAfterTenSecondsWithoutAName() {
        enter(0, usage(CONTAINER, 100L));
        enter(9, usage(CONTAINER, 100L));
        assertEquals(List.of(), settled(ledger, GPU, nanos(9)));
        enter(10, usage(CONTAINER, 100L));
        assertEquals(1000.0, byteSeconds(10, "0123456789ab"));
        known("late");
        enter(11, usage(CONTAINER, 100L));
        enter(12, usage(CONTAINER, 100L));
        assertEquals(1100.0, byteSeconds(12, "0123456789ab"));
        assertEquals(100.0, byteSeconds(12, "late"));
    }

    @Test
    void commandsInACgroupThatMayBeAContainerAreKeptApartUntilItIsNotFound() {
        WorkloadUsage[] both = {guess("train"), guess("serve")};
        enter(0, both);
        enter(4, both);
        assertEquals(List.of(), settled(ledger, GPU, nanos(4)));
        lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND);
        enter(5, both);
        assertEquals(500.0, byteSeconds(5, "train"));
        assertEquals(500.0, byteSeconds(5, "serve"));
    }

    private static WorkloadUsage guess(String comm) {
        Workload.Container guess =
                new Workload.Container(ContainerRuntime.CONTAINERD, "nvtest", null, null, null, "/default/nvtest");
        GpuProcess process = new GpuProcess(comm.length() + comm.charAt(0), "", 100L, Set.of(GpuProcess.Kind.COMPUTE));
        return new WorkloadUsage(
                WorkloadLabels.of(guess, comm, "", unused -> null),
                "",
                guess,
                null,
                List.of(new ProcessUsage(process, comm, 0, "")));
    }

    @Test
    void containerThatIsNotFoundIsShownByItsIdAtOnce() {
        lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND);
        enter(0, usage(CONTAINER, 100L));
        assertEquals(0.0, byteSeconds(0, "0123456789ab"));
    }

    @Test
    void endedContainerIsShownByItsIdIfItsNameIsNotFound() {
        enter(0, usage(CONTAINER, 100L));
        enter(3);
        assertEquals(List.of(), settled(ledger, GPU, nanos(3)));
        enter(10);
        assertEquals(300.0, byteSeconds(10, "0123456789ab"));
    }

    @Test
    void endedContainerIsShownUnderANameThatIsFoundLater() {
        enter(0, usage(CONTAINER, 100L));
        enter(1);
        assertEquals(List.of(), settled(ledger, GPU, nanos(1)));
        known("short");
        enter(2);
        assertEquals(100.0, byteSeconds(2, "short"));
        enter(901);
        assertEquals(1, settled(ledger, GPU, nanos(900)).size());
        assertEquals(List.of(), settled(ledger, GPU, nanos(901)));
    }

    @Test
    void endedContainerThatIsNotFoundIsShownByItsIdAtOnce() {
        enter(0, usage(CONTAINER, 100L));
        enter(1);
        lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND);
        enter(2);
        assertEquals(100.0, byteSeconds(2, "0123456789ab"));
    }

    @Test
    void containerSeenByAnotherPathIsTheSameWorkload() {
        Workload.Container otherPath = new Workload.Container(null, CONTAINER.id(), "pod", null);
        enter(0, usage(otherPath, 100L));
        enter(1, usage(CONTAINER, 100L));
        enter(2);
        known("trainer");
        enter(3);
        assertEquals(200.0, byteSeconds(3, "trainer"));
    }

    @Test
    void peakOfAHiddenAccountIsMergedIntoTheShownOne() {
        known("trainer");
        enter(0, usage(CONTAINER, 5L));
        enter(1);
        lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.PENDING);
        enter(2, usage(CONTAINER, 9L));
        enter(3, usage(CONTAINER, 3L));
        known("trainer");
        enter(4, usage(CONTAINER, 3L));
        assertEquals(9, account(4, "trainer").peakBytes());
        assertEquals(5.0 + 9.0 + 3.0, byteSeconds(4, "trainer"));
    }

    @Test
    void renameFreezesTheOldAccountAndTheNewOneStartsAtZero() {
        known("before");
        enter(0, usage(CONTAINER, 100L));
        enter(1, usage(CONTAINER, 100L));
        known("after");
        enter(2, usage(CONTAINER, 100L));
        enter(3, usage(CONTAINER, 100L));
        assertEquals(200.0, byteSeconds(3, "before"));
        assertEquals(100.0, byteSeconds(3, "after"));
    }

    @Test
    void xidAfterARenameIsCountedForTheNewAccountOnly() {
        known("before");
        enter(0, usage(CONTAINER, 100L));
        known("after");
        enter(0, usage(CONTAINER, 100L));
        assertEquals(List.of("after"), names(ledger.count(GPU, "", "31", 1)));
    }

    @Test
    void containerIsHiddenWhileItsSourceIsUnavailable() {
        lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.UNAVAILABLE);
        enter(0, usage(CONTAINER, 100L));
        assertEquals(List.of(), settled(ledger, GPU, 0));
        known("trainer");
        enter(1, usage(CONTAINER, 100L));
        assertEquals(100.0, byteSeconds(1, "trainer"));
    }

    @Test
    void accountThatIsRenamedAtTheLimitIsNotEvicted() {
        ledger = ledger(1);
        enter(0, usage(CONTAINER, 100L));
        known("trainer");
        assertEquals(List.of("(other)", "trainer"), names(enter(1, usage(CONTAINER, 100L), usage(B, 1L))));
        assertEquals(100.0, byteSeconds(1, "trainer"));
    }
}
