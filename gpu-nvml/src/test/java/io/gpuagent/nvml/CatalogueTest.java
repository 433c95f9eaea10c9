package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.Reading;
import io.gpuagent.nvml.binding.ReadTable;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Tests the metrics beyond the basic group: how irregular results of NVML are handled, and when each metric is read.
 */
class CatalogueTest extends FakeNvmlTest {

    private static final String DEVICE = "device 0 uuid=GPU-a ";

    @Test
    void theValuesOfARowShareGroupAndTier() {
        for (ReadTable.Row row : ReadTable.ROWS) {
            for (ReadTable.Value value : row.values()) {
                assertEquals(
                        row.metric().group(),
                        value.metric().group(),
                        value.metric().name());
                assertEquals(
                        row.metric().tier(),
                        value.metric().tier(),
                        value.metric().name());
            }
        }
    }

    @Test
    void aGroupIsOptInAsAWhole() {
        for (DeviceMetric metric : DeviceMetric.values()) {
            assertEquals(
                    metric.tier() != DeviceMetric.Tier.OPT_IN, metric.group().byDefault(), metric.name());
        }
    }

    @Test
    void anUnknownPerformanceStateIsAbsentAndAnImpossibleOneIsCounted() throws Exception {
        GpuSample unknown = sampleOf(DEVICE + "performance_state=32\n");
        assertEquals(List.of(), unknown.readings());
        assertEquals(List.of(), unknown.rejections());
        GpuSample over = sampleOf(DEVICE + "performance_state=16\n");
        assertEquals(List.of(), over.readings());
        assertEquals(List.of("over_range"), over.rejections());
    }

    @Test
    void thirtyTwoBitSentinelsAreDroppedAndCounted() throws Exception {
        String all =
                "clock.sm=4294967295 fan_speed.0=4294967295 pcie_replays=4294967295 retired_pages.double_bit_error=4294967295"
                        + " pcie_link_width=4294967295 persistence_mode=2 encoder_utilization=808334905";
        GpuSample sample = sampleOf(DEVICE + all + "\n");
        assertEquals(List.of(), sample.readings());
        assertEquals(7, sample.rejections().size());
    }

    @Test
    void aDriverThatReturnsSuccessWithoutWritingYieldsNoSixtyFourBitCounter() throws Exception {
        String scenario =
                DEVICE + "ecc_errors.corrected.volatile.dram=1 clock_violation.power=1 bar1_memory_total=1G\n";
        assertEquals(4, sampleOf(scenario).readings().size());
        for (String function : List.of(
                "nvmlDeviceGetMemoryErrorCounter", "nvmlDeviceGetViolationStatus", "nvmlDeviceGetBAR1MemoryInfo")) {
            GpuSample mute = sampleOf(scenario + "library mute=" + function + "\n");
            assertTrue(mute.rejections().contains("over_range"), function);
            Set<DeviceMetric> metrics = ReadTable.ROWS.stream()
                    .filter(row -> row.function().symbol().equals(function))
                    .flatMap(row -> row.values().stream())
                    .map(ReadTable.Value::metric)
                    .collect(Collectors.toSet());
            assertFalse(metrics.isEmpty(), function);
            assertTrue(mute.readings().stream().noneMatch(reading -> metrics.contains(reading.metric())), function);
        }
    }

    @Test
    void aMarginMayBeNegativeAndAnUnwrittenOneIsRejected() throws Exception {
        String scenario = DEVICE + "temperature_margin=-1\n";
        assertEquals(
                List.of(new Reading(DeviceMetric.TEMPERATURE_MARGIN, -1)),
                sampleOf(scenario).readings());
        GpuSample mute = sampleOf(scenario + "library mute=nvmlDeviceGetMarginTemperature\n");
        assertEquals(List.of(), mute.readings());
        assertEquals(List.of("over_range"), mute.rejections());
    }

    @Test
    void theHighestPossibleLinkIsRead() throws Exception {
        assertEquals(
                List.of(new Reading(DeviceMetric.NVLINK_UP, List.of("35"), 1)),
                sampleOf(DEVICE + "nvlink_up.35=1\n").readings());
    }

    @Test
    void aFanSpeedMayExceedOneHundredPercent() throws Exception {
        assertEquals(
                List.of(
                        new Reading(DeviceMetric.FAN_SPEED, List.of("0"), 0.3),
                        new Reading(DeviceMetric.FAN_SPEED, List.of("1"), 1.1)),
                sampleOf(DEVICE + "fan_speed.0=30 fan_speed.1=110\n").readings());
    }

    @Test
    void theOldFanCallReadsTheFirstFanIfTheNewOneIsUnsupported() throws Exception {
        assertEquals(
                List.of(new Reading(DeviceMetric.FAN_SPEED, List.of("0"), 0.3)),
                sampleOf(DEVICE + "fan_speed.0=30\nfault 0 call=nvmlDeviceGetFanSpeed_v2 code=3\n")
                        .readings());
    }

    @Test
    void clockEventsAreReadByTheOldCallIfTheNewOneIsUnsupported() throws Exception {
        String scenario = DEVICE + "clock_event_active.hw_slowdown=1\n";
        Set<String> active = active(sampleOf(scenario));
        assertEquals(Set.of("hw_slowdown"), active);
        assertEquals(
                active, active(sampleOf(scenario + "fault 0 call=nvmlDeviceGetCurrentClocksEventReasons code=13\n")));
    }

    @Test
    void everyClockEventReasonHasASeriesAndUnknownBitsAreReported() throws Exception {
        GpuSample none = sampleOf(DEVICE + "clock_event_active.gpu_idle=0\n");
        assertEquals(10, none.readings().size());
        assertEquals(Set.of(), active(none));
        assertEquals(Set.of("unknown"), active(sampleOf(DEVICE + "clock_event_active.unknown=1\n")));
    }

    private static Set<String> active(GpuSample sample) {
        Set<String> active = new TreeSet<>();
        sample.readings().stream()
                .filter(reading -> reading.metric() == DeviceMetric.CLOCK_EVENT && reading.value() == 1)
                .forEach(reading -> active.add(reading.labels().get(0)));
        return active;
    }

    @Test
    void aFieldIsReadByItsValueTypeAndAnUnknownTypeYieldsNoValue() throws Exception {
        String scenario = DEVICE + "memory_temperature=63\n";
        for (int type = 0; type <= 6; type++) {
            assertEquals(
                    List.of(new Reading(DeviceMetric.MEMORY_TEMPERATURE, 63)),
                    sampleOf(scenario + "library field_type=" + type + "\n").readings(),
                    "type " + type);
        }
        GpuSample strange = sampleOf(scenario + "library field_type=99\n");
        assertEquals(List.of(), strange.readings());
        assertEquals(List.of(), strange.rejections());
    }

    @Test
    void anUnsupportedFieldDoesNotHideItsNeighbour() throws Exception {
        assertEquals(
                List.of(new Reading(DeviceMetric.POWER_AVERAGE, 72)),
                sampleOf(DEVICE + "power_average=72\n").readings());
    }

    @Test
    void anUnsupportedClockDoesNotHideTheOthersAndIsNotReadAgain() throws Exception {
        Gpu gpu = gpus(DEVICE + "clock.sm=1980\nlibrary log=on\n").get(0);
        long before = fake.calls("nvmlDeviceGetClockInfo");
        List<Reading> expected = List.of(new Reading(DeviceMetric.CLOCK, List.of("sm"), 1.98e9));
        for (int i = 0; i < 3; i++) {
            assertEquals(expected, gpu.read().readings());
        }
        assertEquals(4 + 2, fake.calls("nvmlDeviceGetClockInfo") - before);
    }

    @Test
    void unsupportedFieldsAreNotReadAgain() throws Exception {
        Gpu gpu = gpus(DEVICE + "power_instant=70\nlibrary log=on\n").get(0);
        gpu.read();
        long before = fake.calls("nvmlDeviceGetFieldValues");
        assertEquals(
                List.of(new Reading(DeviceMetric.POWER_INSTANT, 70)), gpu.read().readings());
        assertEquals(1, fake.calls("nvmlDeviceGetFieldValues") - before);
    }

    @Test
    void remappedRowsAreAbsentWhileTheyAreRefused() throws Exception {
        String scenario = DEVICE + "remapped_rows.corrected=1\n";
        assertEquals(4, sampleOf(scenario).readings().size());
        GpuSample refused = sampleOf(scenario + "fault 0 call=nvmlDeviceGetRemappedRows code=3\n");
        assertEquals(List.of(), refused.readings());
        assertEquals(List.of(), refused.faults());
    }

    @Test
    void slowMetricsAreReadOncePerIntervalAndReportedInBetween() throws Exception {
        Gpu gpu = select(MetricSelection.DEFAULT, "");
        long before = fake.calls("nvmlDeviceGetCurrPcieLinkWidth");
        List<Reading> expected = List.of(new Reading(DeviceMetric.PCIE_LINK_WIDTH, 8));
        for (int i = 0; i < 5; i++) {
            assertEquals(expected, gpu.read().readings());
        }
        assertEquals(1, fake.calls("nvmlDeviceGetCurrPcieLinkWidth") - before);
    }

    @Test
    void aSlowMetricDisappearsWhenReadingItFails() throws Exception {
        Gpu gpu = select(new MetricSelection(MetricSelection.DEFAULT.groups(), Duration.ofMillis(200)), "");
        assertEquals(1, gpu.read().readings().size());
        fake.play(DEVICE + "pcie_link_width=8\nfault 0 call=nvmlDeviceGetCurrPcieLinkWidth code=999\n");
        Thread.sleep(250);
        GpuSample failed = gpu.read();
        assertEquals(List.of(), failed.readings());
        assertEquals(1, failed.faults().size());
        assertEquals(List.of(), gpu.read().faults(), "a fault is counted once");
    }

    @Test
    void expensiveMetricsAreReadOnlyIfTheirGroupIsSelected() throws Exception {
        String expensive = DEVICE + "pcie_receive=1M pcie_transmit=2M\n";
        Gpu withDefaults = select(MetricSelection.DEFAULT, expensive);
        long before = fake.calls("nvmlDeviceGetPcieThroughput");
        assertEquals(1, withDefaults.read().readings().size());
        assertEquals(0, fake.calls("nvmlDeviceGetPcieThroughput") - before);
        Gpu selected = select(MetricSelection.DEFAULT.withGroups(Set.of(MetricGroup.PCIE_THROUGHPUT)), expensive);
        assertEquals(
                List.of(
                        new Reading(DeviceMetric.PCIE_TRANSMIT, 2 << 20),
                        new Reading(DeviceMetric.PCIE_RECEIVE, 1 << 20)),
                selected.read().readings());
    }

    @Test
    void onlySelectedGroupsAndTheBasicOneAreRead() throws Exception {
        for (MetricGroup group : EnumSet.complementOf(EnumSet.of(MetricGroup.BASIC))) {
            EnumSet<MetricGroup> others = EnumSet.allOf(MetricGroup.class);
            others.remove(group);
            others.remove(MetricGroup.BASIC);
            List<String> called = callsOf(MetricSelection.DEFAULT.withGroups(others));
            for (ReadTable.Row row : ReadTable.ROWS) {
                boolean shared = row.function().symbol().matches(".*(FieldValues|MigMode)");
                assertEquals(
                        row.metric().group() != group || shared,
                        called.contains(row.function().symbol()) || shared,
                        group + " " + row.function().symbol());
            }
        }
    }

    /** Returns the functions called for one sample of a device that supports no metric. */
    private List<String> callsOf(MetricSelection selection) throws Exception {
        int before = fake.calls().size();
        select(selection, "").read();
        return fake.calls().stream()
                .skip(before)
                .map(call -> call.split(" ")[0])
                .toList();
    }

    private Gpu select(MetricSelection selection, String more) throws Exception {
        backend.close();
        fake.play(DEVICE + "pcie_link_width=8\n" + more + "library log=on\n");
        backend = opened.add(new NvmlBackend(
                new NvmlBackend.Options().withLibrary(fake.library()).withSelection(selection)));
        return backend.enumerate().gpus().get(0);
    }
}
