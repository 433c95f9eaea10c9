package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.Reading;
import io.gpuagent.nvml.binding.Gpm;
import io.gpuagent.nvml.binding.ReadTable;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReadingsTest extends FakeNvmlTest {

    @Test
    void everyMetricOfTheCatalogueHasARow() {
        Stream<ReadTable.Value> values = ReadTable.ROWS.stream().flatMap(row -> row.values().stream());
        Set<DeviceMetric> inTable = Stream.concat(values, Gpm.VALUES.stream())
                .map(ReadTable.Value::metric)
                .collect(Collectors.toSet());
        assertEquals(EnumSet.allOf(DeviceMetric.class), inTable);
    }

    @Test
    void everyRowHasTheLabelsOfItsMetric() {
        ReadTable.ROWS.stream().flatMap(row -> row.values().stream()).forEach(value -> {
            assertEquals(
                    value.metric().labels().size(),
                    value.labels().size(),
                    value.metric().name());
        });
    }

    @Test
    void impossibleValuesAreDroppedAndCounted() throws Exception {
        GpuSample sample = sampleOf(
                "device 0 uuid=GPU-a util=101 mem_util=4294967295 temp=4294967295 power=4294967.295 power_limit=250\n");
        assertEquals(List.of(new Reading(DeviceMetric.POWER_LIMIT, 250)), sample.readings());
        assertEquals(List.of("over_range", "over_range", "over_range", "over_range"), sample.rejections());
    }

    @Test
    void aDriverThatReturnsSuccessWithoutWritingYieldsNoValue() throws Exception {
        String device = "device 0 uuid=GPU-a mem_total=8G temp=51 power=70 power_limit=75\n";
        GpuSample sample = sampleOf(device + "library mute=nvmlDeviceGetPowerUsage\n");
        assertEquals(
                List.of(new Reading(DeviceMetric.TEMPERATURE, 51), new Reading(DeviceMetric.POWER_LIMIT, 75)),
                sample.readings());
        assertEquals(List.of("over_range"), sample.rejections());
        for (String temperature : List.of("nvmlDeviceGetTemperature", "nvmlDeviceGetTemperatureThreshold")) {
            GpuSample cold =
                    sampleOf(device + "device 0 temperature_threshold.shutdown=90\nlibrary mute=" + temperature + "\n");
            assertTrue(cold.readings().stream().noneMatch(reading -> reading.value() == -1), cold.toString());
            assertTrue(cold.rejections().contains("over_range"));
        }
        GpuSample mute = sampleOf(device + "library mute=nvmlDeviceGetMemoryInfo\n");
        assertNull(mute.memory());
        assertEquals(List.of("over_range"), mute.rejections());
    }

    @Test
    void theLimitsOfARangeAreAccepted() throws Exception {
        GpuSample sample = sampleOf("device 0 uuid=GPU-a util=0 mem_util=100 temp=-5 power=0\n");
        assertEquals(
                List.of(
                        new Reading(DeviceMetric.UTILIZATION, 0),
                        new Reading(DeviceMetric.MEMORY_UTILIZATION, 1),
                        new Reading(DeviceMetric.TEMPERATURE, -5),
                        new Reading(DeviceMetric.POWER, 0)),
                sample.readings());
    }

    @Test
    void theOlderTemperatureCallIsUsedIfTheNewerIsUnsupported() throws Exception {
        for (int code : List.of(3, 13, 25)) {
            GpuSample sample =
                    sampleOf("device 0 uuid=GPU-a temp=44\nfault 0 call=nvmlDeviceGetTemperatureV code=" + code + "\n");
            assertEquals(List.of(new Reading(DeviceMetric.TEMPERATURE, 44)), sample.readings(), "code " + code);
            assertEquals(List.of(), sample.faults());
        }
    }

    @Test
    void theOlderMemoryCallIsUsedForTheRestOfTheSessionIfTheNewerFails() throws Exception {
        for (int code : List.of(2, 3, 4, 10, 13, 17, 25, 26, 999)) {
            Gpu gpu = gpus("device 0 uuid=GPU-a mem_total=8G mem_reserved=1G mem_other=2G\n"
                            + "fault 0 call=nvmlDeviceGetMemoryInfo_v2 code=" + code + "\nlibrary log=on\n")
                    .get(0);
            long before = fake.calls("nvmlDeviceGetMemoryInfo_v2");
            GpuMemory expected = new GpuMemory(GpuMemory.Api.V1, 8L << 30, 3L << 30, 5L << 30, null);
            assertEquals(expected, gpu.read().memory(), "code " + code);
            assertEquals(expected, gpu.read().memory(), "code " + code);
            assertEquals(1, fake.calls("nvmlDeviceGetMemoryInfo_v2") - before);
            fake.play("device 0 uuid=GPU-a mem_total=8G mem_reserved=1G mem_other=2G\n");
            assertEquals(expected, gpu.read().memory(), "used keeps its meaning");
        }
    }

    @Test
    void memoryThatFailsIsReadAgainAtEverySample() throws Exception {
        String scenario = "device 0 uuid=GPU-a mem_total=8G\n";
        Gpu gpu = gpus(scenario + "fault 0 call=nvmlDeviceGetMemoryInfo code=999\n")
                .get(0);
        for (int i = 0; i < 10; i++) {
            GpuSample sample = gpu.read();
            assertNull(sample.memory());
            assertEquals(List.of(new CallFault("nvmlDeviceGetMemoryInfo_v2", "UNKNOWN")), sample.faults());
        }
        fake.play(scenario);
        GpuMemory memory = gpu.read().memory();
        assertNotNull(memory);
        assertEquals(GpuMemory.Api.V2, memory.api());
    }

    @Test
    void impossibleMemoryIsDroppedAndCounted() throws Exception {
        GpuSample zero = sampleOf("device 0 uuid=GPU-a mem_total=0\n");
        assertNull(zero.memory());
        assertEquals(List.of("zero_total"), zero.rejections());
        GpuSample over = sampleOf("device 0 uuid=GPU-a mem_total=1G mem_used=2G\n");
        assertNull(over.memory());
        assertEquals(List.of("over_range"), over.rejections());
    }

    @Test
    void aRefusedFunctionIsCalledAFewTimesAndAgainAfterSeconds() throws Exception {
        Map<Integer, Integer> calls = Map.of(3, 1, 26, 1, 4, 3, 999, 3);
        for (int code : calls.keySet()) {
            String device = "device 0 uuid=GPU-a power=70\n";
            Gpu gpu = gpus(device + "fault 0 call=nvmlDeviceGetPowerUsage code=" + code + "\nlibrary log=on\n")
                    .get(0);
            long before = fake.calls("nvmlDeviceGetPowerUsage");
            int faults = 0;
            for (int i = 0; i < 100; i++) {
                GpuSample sample = gpu.read();
                assertEquals(List.of(), sample.readings());
                faults += sample.faults().size();
            }
            assertEquals((long) calls.get(code), fake.calls("nvmlDeviceGetPowerUsage") - before, "code " + code);
            assertEquals(code == 3 ? 0 : calls.get(code), faults, "code " + code);
            fake.play(device);
            awaitTrue(() -> readings(gpu).equals(List.of(new Reading(DeviceMetric.POWER, 70))));
        }
    }

    private static List<Reading> readings(Gpu gpu) {
        try {
            return gpu.read().readings();
        } catch (GpuUnavailableException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void valuesUnsupportedWithMigAreRetriedAsSoonAsMigIsOff() throws Exception {
        String refused = "\nfault 0 call=nvmlDeviceGetUtilizationRates code=3\n";
        Gpu gpu =
                gpus("device 0 uuid=GPU-a util=40 mem_util=7 mig=on" + refused).get(0);
        assertEquals(List.of(new Reading(DeviceMetric.MIG_MODE, 1)), gpu.read().readings());
        fake.play("device 0 uuid=GPU-a util=40 mem_util=7 mig=off\n");
        assertEquals(
                List.of(
                        new Reading(DeviceMetric.UTILIZATION, 0.4),
                        new Reading(DeviceMetric.MEMORY_UTILIZATION, 0.07),
                        new Reading(DeviceMetric.MIG_MODE, 0)),
                gpu.read().readings());
    }
}
