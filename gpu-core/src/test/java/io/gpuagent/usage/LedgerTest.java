package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LedgerTest extends LedgerFixture {

    @Test
    void sampleHoldsUntilTheNextOneAlsoForWorkloadsThatEndedInBetween() {
        enter(0, usage(A, 100L));
        assertEquals(0.0, byteSeconds(0, "a.service"));
        enter(2, usage(A, 300L), usage(B, 10L));
        assertEquals(200.0, byteSeconds(2, "a.service"));
        enter(5, usage(B, 20L));
        assertEquals(200.0 + 900.0, byteSeconds(5, "a.service"));
        assertEquals(30.0, byteSeconds(5, "b.service"));
        enter(9, usage(B, 20L));
        assertEquals(1100.0, byteSeconds(9, "a.service"));
    }

    @Test
    void returningWorkloadContinuesItsAccount() {
        enter(0, usage(A, 100L));
        enter(1);
        enter(8);
        enter(9, usage(A, 100L));
        enter(10, usage(A, 100L));
        assertEquals(200.0, byteSeconds(10, "a.service"));
    }

    @Test
    void sameSampleTwiceIsCountedOnce() {
        enter(0, usage(A, 100L));
        enter(1, usage(A, 100L));
        enter(1, usage(A, 100L));
        assertEquals(100.0, byteSeconds(1, "a.service"));
    }

    @Test
    void gapIsChargedToNoWorkloadAndCountedAsUnobserved() {
        enter(0, usage(A, 100L));
        enter(10, usage(A, 100L));
        assertEquals(1000.0, byteSeconds(10, "a.service"));
        enter(21, usage(A, 100L));
        assertEquals(1000.0, byteSeconds(21, "a.service"));
        assertEquals(11.0, ledger.unobservedSeconds(GPU));
        enter(22, usage(A, 100L));
        assertEquals(1100.0, byteSeconds(22, "a.service"));
    }

    @Test
    void gapIsThreeIntervalsIfTheseAreLongerThanTenSeconds() {
        ledger.enter(GPU, 0, NOTHING, attribution(usage(A, 1L)), Duration.ofSeconds(20));
        ledger.enter(GPU, nanos(60), NOTHING, attribution(usage(A, 1L)), Duration.ofSeconds(20));
        assertEquals(60.0, byteSeconds(60, "a.service"));
        ledger.enter(GPU, nanos(121), NOTHING, attribution(usage(A, 1L)), Duration.ofSeconds(20));
        assertEquals(61.0, ledger.unobservedSeconds(GPU));
    }

    @Test
    void timeWithAnUnreadableListIsUnobserved() {
        enter(0, usage(A, 100L));
        ledger.enter(GPU, nanos(1), NOTHING, new Attribution(false, List.of(), null), SECOND);
        assertEquals(100.0, byteSeconds(1, "a.service"));
        enter(3, usage(A, 100L));
        assertEquals(100.0, byteSeconds(3, "a.service"));
        assertEquals(2.0, ledger.unobservedSeconds(GPU));
    }

    @Test
    void workloadOfUnknownMemoryHasNoByteSeconds() {
        enter(0, usage(A, (Long) null));
        enter(1, usage(A, (Long) null));
        assertNull(account(1, "a.service").memoryByteSeconds());
        assertNull(account(1, "a.service").peakBytes());
        enter(2, usage(A, 5L, null));
        enter(3, usage(A, (Long) null));
        enter(4, usage(A, (Long) null));
        assertEquals(5.0, byteSeconds(4, "a.service"));
    }

    @Test
    void gpuWhoseModelBecomesKnownLaterKeepsItsAccounts() {
        GpuIdentity nameless = new GpuIdentity(0, "GPU-a", "", "");
        ledger.enter(nameless, 0, NOTHING, attribution(usage(A, 100L)), SECOND);
        ledger.retainOnly(Set.of(nameless));
        enter(1, usage(A, 100L));
        ledger.retainOnly(Set.of(GPU));
        assertEquals(100.0, byteSeconds(1, "a.service"));
    }

    @Test
    void accountsAreKeptWhileTheListIsUnreadable() {
        enter(0, usage(A, 1L));
        for (int second = 1; second < 2000; second++) {
            ledger.enter(GPU, nanos(second), NOTHING, new Attribution(false, List.of(), null), SECOND);
            settled(ledger, GPU, nanos(second));
        }
        assertEquals(List.of("a.service"), names(ledger.count(GPU, "", "31", 1)));
        enter(2000, usage(A, 1L));
        assertEquals(1.0, byteSeconds(2000, "a.service"));
    }

    @Test
    void accountOfAnEndedWorkloadIsKeptForFifteenMinutes() {
        enter(0, usage(A, 1L));
        enter(1);
        enter(900);
        assertEquals(1.0, byteSeconds(900, "a.service"));
        enter(901);
        assertEquals(List.of(), settled(ledger, GPU, nanos(901)));
    }

    @Test
    void accountsAreKeptWhileTheGpuCannotBeSampled() {
        enter(0, usage(A, 1L));
        assertEquals(0.0, byteSeconds(5000, "a.service"));
    }

    @Test
    void peakIsTheLargestSampleOfTheWindow() {
        enter(0, usage(A, 5L));
        enter(10, usage(A, 9L));
        enter(20, usage(A, 7L));
        assertEquals(9, account(20, "a.service").peakBytes());
        assertEquals(9, account(70, "a.service").peakBytes());
        assertEquals(7, account(71, "a.service").peakBytes());
        assertNull(account(81, "a.service").peakBytes());
    }

    @Test
    void workloadsAboveTheLimitAreMergedAndNothingIsLost() {
        ledger = ledger(2);
        Attribution entered = enter(0, units(5));
        assertEquals(List.of("(other)", "u0", "u1"), names(entered));
        assertEquals(500, sum(entered));
        assertEquals(3, entered.others());
        assertEquals(0, enter(1, units(2)).others());
        enter(1, units(5));
        assertEquals(300.0, byteSeconds(1, "(other)"));
        assertEquals(100.0, byteSeconds(1, "u0"));
    }

    @Test
    void accountThatEndedFirstIsEvictedOnAnyGpu() {
        ledger = ledger(2);
        ledger.enter(OTHER_GPU, 0, NOTHING, attribution(usage(A, 1L)), SECOND);
        ledger.enter(OTHER_GPU, nanos(1), NOTHING, attribution(), SECOND);
        enter(1, usage(A, 1L));
        enter(2, usage(A, 1L), usage(B, 1L));
        assertEquals(List.of(), settled(ledger, OTHER_GPU, nanos(2)));
        assertEquals(2, settled(ledger, GPU, nanos(2)).size());
    }

    @Test
    void accountThatEndedFirstIsEvictedAcrossGpus() {
        for (GpuIdentity first : List.of(GPU, OTHER_GPU)) {
            GpuIdentity second = first == GPU ? OTHER_GPU : GPU;
            ledger = ledger(2);
            ledger.enter(first, 0, NOTHING, attribution(usage(A, 1L)), SECOND);
            ledger.enter(first, nanos(1), NOTHING, attribution(), SECOND);
            ledger.enter(second, nanos(1), NOTHING, attribution(usage(A, 1L)), SECOND);
            ledger.enter(second, nanos(2), NOTHING, attribution(), SECOND);
            ledger.enter(second, nanos(3), NOTHING, attribution(usage(B, 1L)), SECOND);
            assertEquals(List.of(), settled(ledger, first, nanos(3)));
            assertEquals(2, settled(ledger, second, nanos(3)).size());
        }
    }

    @Test
    void runningWorkloadIsNeverEvicted() {
        ledger = ledger(2);
        enter(0, usage(A, 1L), usage(B, 1L));
        Attribution entered = enter(1, usage(new Workload.Unit("0.service", null), 1L), usage(A, 1L), usage(B, 1L));
        assertEquals(List.of("(other)", "a.service", "b.service"), names(entered));
        enter(2, usage(A, 1L), usage(B, 1L));
        assertEquals(2.0, byteSeconds(2, "a.service"));
    }
}
