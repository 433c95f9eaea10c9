package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests how the ledger charges energy and SM time. */
class LedgerEnergyTest extends LedgerEnergyFixture {

    @Test
    void energyIsDividedBySmUtilizationAndTheRestIsUnattributed() {
        enter(0, Reported.of(1000, Map.of(1, 0.0, 2, 0.0)));
        assertEquals(Map.of("u1", 0.0, "u2", 0.0), joules(0));
        enter(1, Reported.of(1200, Map.of(1, 0.5, 2, 0.2)));
        assertEquals(Map.of("u1", 100.0, "u2", 40.0), joules(1));
        assertEquals(new Energy(200, 60), energy());
        assertEquals(Map.of("u1", 0.5, "u2", 0.2), figures(1, Account::smSeconds));
    }

    @Test
    void utilizationSumAboveOneIsScaledDownAndNothingIsUnattributed() {
        enter(0, Reported.of(0, Map.of(1, 0.0, 2, 0.0)));
        enter(1, Reported.of(100, Map.of(1, 1.0, 2, 1.0)));
        assertEquals(Map.of("u1", 50.0, "u2", 50.0), joules(1));
        assertEquals(new Energy(100, 0), energy());
    }

    @Test
    void sampleChargesTheIntervalThatItEnds() {
        enter(0, Reported.of(0, Map.of(1, 1.0)));
        enter(1, Reported.of(100, Map.of(1, 0.0)));
        assertEquals(Map.of("u1", 0.0), joules(1));
        enter(3, Reported.of(200, Map.of(1, 0.25)));
        assertEquals(Map.of("u1", 25.0), joules(3));
        assertEquals(Map.of("u1", 0.5), figures(3, Account::smSeconds));
    }

    @Test
    void endedWorkloadIsChargedForTheIntervalBeforeItsEnd() {
        enter(0, Reported.of(0, Map.of(1, 0.0)));
        enter(1, new Reported(100_000L, Map.of(1, 0.5), List.of()));
        enter(2, new Reported(200_000L, Map.of(1, 0.5), List.of()));
        assertEquals(Map.of("u1", 50.0), joules(2));
        assertEquals(new Energy(200, 150), energy());
    }

    @Test
    void shareOfAnUnresolvedProcessIsNotChargedToOthers() {
        enter(0, Reported.of(0, Map.of(1, 0.0, 1000, 0.0)));
        enter(1, Reported.of(100, Map.of(1, 1.0, 1000, 1.0)));
        assertEquals(Map.of("u1", 50.0), joules(1));
        assertEquals(new Energy(100, 50), energy());
    }

    @Test
    void energyOfAGapIsUnattributed() {
        enter(0, Reported.of(0, Map.of(1, 0.0)));
        enter(10, Reported.of(100, Map.of(1, 1.0)));
        assertEquals(Map.of("u1", 100.0), joules(10));
        enter(21, Reported.of(300, Map.of(1, 1.0)));
        assertEquals(Map.of("u1", 100.0), joules(21));
        assertEquals(Map.of("u1", 10.0), figures(21, Account::smSeconds));
        assertEquals(new Energy(300, 200), energy());
    }

    @Test
    void decreasingCounterAddsNothingAndIsTakenAsAReset() {
        enter(0, Reported.of(5000, Map.of(1, 0.0)));
        enter(1, Reported.of(5100, Map.of(1, 1.0)));
        enter(2, Reported.of(30, Map.of(1, 1.0)));
        assertEquals(new Energy(100, 0), energy());
        enter(3, Reported.of(80, Map.of(1, 1.0)));
        assertEquals(new Energy(150, 0), energy());
        assertEquals(Map.of("u1", 150.0), joules(3));
    }

    @Test
    void implausibleIncreaseOfTheCounterAddsNothing() {
        enter(0, Reported.of(5_000_000, Map.of(1, 0.0)));
        enter(1, Reported.of(0, Map.of(1, 1.0)));
        enter(2, Reported.of(5_000_200, Map.of(1, 1.0)));
        enter(3, Reported.of(5_000_300, Map.of(1, 1.0)));
        assertEquals(new Energy(100, 0), energy());
    }

    @Test
    void energyCountedWhileTheCounterWasUnreadableIsUnattributed() {
        enter(0, Reported.of(0, Map.of(1, 0.0)));
        enter(1, new Reported(null, Map.of(1, 1.0), List.of(1)));
        enter(2, Reported.of(100, Map.of(1, 1.0)));
        assertEquals(new Energy(100, 100), energy());
        enter(3, Reported.of(150, Map.of(1, 1.0)));
        assertEquals(new Energy(150, 100), energy());
        assertEquals(Map.of("u1", 50.0), joules(3));
    }

    @Test
    void plausibleIncreaseGrowsWithTheTimeSinceTheLastReading() {
        enter(0, new Reported(0L, Map.of(), List.of()));
        enter(1, new Reported(null, Map.of(), List.of()));
        enter(2, new Reported(null, Map.of(), List.of()));
        enter(3, new Reported(250_000_000L, Map.of(), List.of()));
        assertEquals(new Energy(250_000, 250_000), energy());
    }

    @Test
    void allEnergyIsUnattributedWithoutUtilization() {
        enter(0, new Reported(0L, null, List.of(1)));
        enter(1, new Reported(100_000L, null, List.of(1)));
        assertEquals(new Energy(100, 100), energy());
        assertNull(accounts(1).get(0).energyJoules());
        assertNull(accounts(1).get(0).smSeconds());
    }

    @Test
    void smTimeIsCountedWithoutAnEnergyCounter() {
        enter(0, new Reported(null, Map.of(1, 0.5), List.of(1)));
        enter(1, new Reported(null, Map.of(1, 0.5), List.of(1)));
        assertTrue(ledger.energy(GPU).isEmpty());
        assertNull(accounts(1).get(0).energyJoules());
        assertEquals(Map.of("u1", 0.5), figures(1, Account::smSeconds));
    }

    @Test
    void sameSampleTwiceIsCountedOnce() {
        enter(0, Reported.of(0, Map.of(1, 0.0)));
        enter(1, Reported.of(100, Map.of(1, 1.0)));
        enter(1, Reported.of(100, Map.of(1, 1.0)));
        assertEquals(Map.of("u1", 100.0), joules(1));
        assertEquals(new Energy(100, 0), energy());
    }

    @Test
    void intervalBeforeARenameIsChargedToTheOldAccount() {
        name(100, "before");
        enter(0, Reported.of(0, Map.of(100, 0.0)));
        name(100, "after");
        enter(1, Reported.of(100, Map.of(100, 1.0)));
        enter(2, Reported.of(160, Map.of(100, 1.0)));
        assertEquals(Map.of("before", 100.0, "after", 60.0), joules(2));
    }

    @Test
    void recreatedPodContinuesTheAccountOfItsName() {
        name(200, "web");
        enter(0, Reported.of(0, Map.of(200, 0.0)));
        enter(1, Reported.of(100, Map.of(200, 1.0)));
        ledger.count(GPU, "", "31", 1);
        enter(2, Reported.of(100, Map.of()));
        enter(3, Reported.of(100, Map.of(201, 0.0)));
        enter(4, Reported.of(160, Map.of(201, 1.0)));
        ledger.count(GPU, "", "31", 2);
        name(201, "web");
        enter(5, Reported.of(200, Map.of(201, 1.0)));
        assertEquals(Map.of("ns/web", 200.0), joules(5));
        assertEquals(Map.of("ns/web", 3.0), figures(5, Account::smSeconds));
        assertEquals(Map.of("31", 3L), accounts(5).get(0).xids());
        assertEquals(new Energy(200, 0), energy());
    }

    @Test
    void endedPodDoesNotReplaceTheRunningPodOfTheSameName() {
        enter(0, Reported.of(0, Map.of(200, 0.0)));
        name(201, "web");
        enter(1, Reported.of(100, Map.of(200, 1.0, 201, 0.0)));
        enter(2, Reported.of(160, Map.of(201, 1.0)));
        name(200, "web");
        assertEquals(Map.of("ns/web", 160.0), joules(2));
        assertEquals(workload(201), accounts(2).get(0).usage().workload());
    }

    @Test
    void joulesOfAnAccountClosedBeforeItWasShownAreUnattributed() {
        ledger = ledger(1);
        enter(0, Reported.of(0, Map.of(100, 0.0)));
        enter(1, Reported.of(100, Map.of(100, 1.0)));
        assertEquals(new Energy(100, 0), energy());
        enter(2, Reported.of(100, Map.of()));
        enter(OTHER_GPU, 2, Reported.of(0, Map.of(1, 0.0)));
        assertEquals(List.of(), accounts(2));
        assertEquals(new Energy(100, 100), energy());
    }

    @Test
    void joulesOfAnEvictedAccountThatWasNeverShownAreUnattributed() {
        ledger = ledger(1);
        enter(0, Reported.of(0, Map.of(1, 0.0)));
        enter(1, new Reported(100_000L, Map.of(1, 1.0, 2, 0.0), List.of(2)));
        assertEquals(Map.of("u2", 0.0), joules(1));
        assertEquals(new Energy(100, 100), energy());
    }
}
