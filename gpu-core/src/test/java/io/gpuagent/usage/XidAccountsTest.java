package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.XidEvent;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class XidAccountsTest {

    private static final GpuIdentity GPU = new GpuIdentity(0, "GPU-a", "Tesla P4", "00000000:01:00.0");
    private static final GpuIdentity OTHER_GPU = new GpuIdentity(1, "GPU-b", "Tesla P4", "00000000:02:00.0");
    private static final GpuSample SAMPLE =
            new GpuSample(null, new ProcessList.Known(List.of()), List.of(), List.of(), List.of());
    private static final Workload A = new Workload.Unit("a.service", null);
    private static final Workload B = new Workload.Unit("b.service", null);
    private static final Workload.Container CONTAINER =
            new Workload.Container(ContainerRuntime.DOCKER, "0123456789abcdef".repeat(4), null, null);

    private ContainerLookup lookup = new ContainerLookup.Unknown(ContainerLookup.Reason.PENDING);
    private final Ledger ledger = new Ledger(container -> lookup, 5000, Duration.ofMinutes(1));
    private final XidQueue queue = new XidQueue();
    private final RecordingLogger logger = new RecordingLogger();
    private final XidAccounts accounts = new XidAccounts(queue, ledger, new XidLog(logger));

    @Test
    void xidIsCountedForTheWorkloadsOfTheSampleBeforeItEvenIfItEndedThem() {
        sample(0, usage(A, ""), usage(B, ""));
        report(GPU, "", 31);
        sample(1, usage(B, ""));
        assertEquals(Map.of("a.service", Map.of("31", 1L), "b.service", Map.of("31", 1L)), charged(1));
        report(GPU, "", 31);
        sample(2, usage(B, ""));
        assertEquals(Map.of("a.service", Map.of("31", 1L), "b.service", Map.of("31", 2L)), charged(2));
    }

    @Test
    void xidOfAnotherGpuIsNotCounted() {
        sample(0, usage(A, ""));
        report(OTHER_GPU, "", 31);
        sample(1, usage(A, ""));
        assertEquals(Map.of("a.service", Map.of()), charged(1));
        assertEquals(List.of(), accounts.counts(GPU));
        assertEquals(1, accounts.counts(OTHER_GPU).get(0).count());
        assertEquals(List.of("GPU 1 GPU-b: Xid 31 (GPU memory page fault); workloads: none"), logger.messages());
    }

    @Test
    void xidBeforeTheFirstSampleIsCountedForTheWorkloadsOfThatSample() {
        report(GPU, "", 13);
        sample(0, usage(A, ""));
        assertEquals(Map.of("a.service", Map.of("13", 1L)), charged(0));
        assertEquals(
                List.of("GPU 0 GPU-a: Xid 13 (graphics engine exception); workloads: unit a.service"),
                logger.messages());
    }

    @Test
    void xidOfAMigInstanceIsCountedForItsWorkloadsOnly() {
        WorkloadUsage[] all = {
            usage(A, "1:0"), usage(B, "11:0"), usage(new Workload.Job("77"), "1:1"), usage(new Workload.Job("88"), "")
        };
        sample(0, all);
        report(GPU, "1:0", 94);
        report(GPU, "1", 95);
        sample(1, all);
        assertEquals(
                Map.of(
                        "a.service",
                        Map.of("94", 1L, "95", 1L),
                        "b.service",
                        Map.of(),
                        "77",
                        Map.of("95", 1L),
                        "88",
                        Map.of("94", 1L, "95", 1L)),
                charged(1));
        assertTrue(
                logger.messages().get(0).startsWith("GPU 0 GPU-a, MIG instance 1:0: Xid 94"),
                logger.messages().toString());
    }

    @Test
    void xidWhileTheGpuCannotBeSampledIsCountedForItsLastSample() {
        sample(0, usage(A, ""));
        report(GPU, "", 119);
        accounts.enter(nanos(60));
        assertEquals(Map.of("a.service", Map.of("119", 1L)), charged(60));
    }

    @Test
    void countsMoveWithTheAccountToTheContainersName() {
        sample(0, container(null));
        report(GPU, "", 31);
        sample(1, container(null));
        lookup = new ContainerLookup.Known(details());
        sample(2, container(details()));
        assertEquals(Map.of("trainer", Map.of("31", 1L)), charged(2));
    }

    @Test
    void countsOfTheGpuOutliveTheAccountsOfItsWorkloads() {
        sample(0, usage(A, ""));
        report(GPU, "", 31);
        for (int second = 1; second <= 920; second++) {
            sample(second);
        }
        assertEquals(Map.of(), charged(920));
        assertEquals(1, accounts.counts(GPU).get(0).count());
    }

    @Test
    void lastSeenIsTheTimeOfTheNewestXid() {
        Instant first = Instant.parse("2026-01-02T03:04:05Z");
        queue.add(new XidEvent(GPU, "", 31, first));
        sample(0);
        queue.add(new XidEvent(GPU, "", 31, first.plusSeconds(7)));
        sample(1);
        assertEquals(List.of(new XidCount("31", 2, first.plusSeconds(7))), accounts.counts(GPU));
    }

    @Test
    void numbersAboveTheLimitAreMergedAndNoneIsLost() {
        sample(0, usage(A, ""));
        for (int xid = 1; xid <= 1000; xid++) {
            report(GPU, "", xid);
        }
        sample(1, usage(A, ""));
        List<XidCount> counts = accounts.counts(GPU);
        assertEquals(65, counts.size());
        assertEquals(1000, counts.stream().mapToLong(XidCount::count).sum());
        assertEquals(936L, charged(1).get("a.service").get(XidCount.OTHER));
        assertEquals(65, logger.messages().size(), "one line for all numbers above the limit");
    }

    @Test
    void stormIsCountedInFullAndLoggedOnceAMinute() {
        sample(0, usage(A, ""));
        long reported = 0;
        for (int second = 1; second <= 120; second++) {
            for (int i = 0; i < (second == 1 ? 1 : 100); i++, reported++) {
                report(GPU, "", 31);
            }
            sample(second, usage(second < 30 ? A : B, ""));
        }
        assertEquals(reported, accounts.counts(GPU).get(0).count());
        assertEquals(
                List.of(
                        "GPU 0 GPU-a: Xid 31 (GPU memory page fault); workloads: unit a.service",
                        "GPU 0 GPU-a: Xid 31 (GPU memory page fault) again, 6000 times in 60 s; workloads: unit a.service, unit b.service"),
                logger.messages());
        for (int second = 121; second <= 300; second++) {
            sample(second, usage(B, ""));
        }
        assertEquals(3, logger.messages().size(), "pending repetitions are logged when their minute is over");
        report(GPU, "", 31);
        sample(301, usage(B, ""));
        assertEquals(4, logger.messages().size(), "after a quiet minute the next Xid is logged at once");
    }

    @Test
    void meaningsAreThoseThatNvidiaDocuments() {
        Properties meanings = XidLog.meanings();
        assertEquals("GPU memory page fault", meanings.get("31"));
        assertEquals("GPU has fallen off the bus", meanings.get("79"));
        assertEquals("internal micro-controller breakpoint", meanings.get("61"));
        assertNull(meanings.get("5"), "unused");
    }

    @Test
    void everyNumberHasOneMeaning() throws Exception {
        try (InputStream table = XidLog.class.getResourceAsStream("xids.txt")) {
            List<String> lines = new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
            assertEquals(lines.size(), XidLog.meanings().size());
            lines.forEach(line -> assertTrue(line.matches("[0-9]+ [^ =:].*"), line));
        }
    }

    private void report(GpuIdentity gpu, String mig, int xid) {
        queue.add(new XidEvent(gpu, mig, xid, Instant.EPOCH));
    }

    private void sample(int second, WorkloadUsage... usages) {
        accounts.enter(nanos(second));
        ledger.enter(
                GPU, nanos(second), SAMPLE, new Attribution(true, Arrays.asList(usages), null), Duration.ofSeconds(1));
        accounts.enterEarly(nanos(second));
        LedgerFixture.settled(ledger, GPU, nanos(second));
    }

    private Map<String, Map<String, Long>> charged(int second) {
        Map<String, Map<String, Long>> charged = new TreeMap<>();
        LedgerFixture.settled(ledger, GPU, nanos(second))
                .forEach(account -> charged.put(account.usage().labels().workload(), account.xids()));
        return charged;
    }

    private static long nanos(int second) {
        return Duration.ofSeconds(second).toNanos();
    }

    private static WorkloadUsage usage(Workload workload, String mig) {
        return usage(workload, mig, null);
    }

    private static WorkloadUsage container(@Nullable ContainerDetails details) {
        return usage(CONTAINER, "", details);
    }

    private static ContainerDetails details() {
        return new ContainerDetails("trainer", ContainerRuntime.DOCKER, "", Map.of(), null);
    }

    private static WorkloadUsage usage(Workload workload, String mig, @Nullable ContainerDetails details) {
        GpuProcess process = new GpuProcess(1, mig, 1L, Set.of(GpuProcess.Kind.COMPUTE));
        return new WorkloadUsage(
                WorkloadLabels.of(workload, "python3", "", unused -> details),
                mig,
                workload,
                details,
                List.of(new ProcessUsage(process, "x", null, null)));
    }
}
