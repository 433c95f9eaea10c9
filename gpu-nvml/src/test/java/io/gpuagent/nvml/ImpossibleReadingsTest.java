package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.Reading;
import io.gpuagent.nvml.binding.ReadTable;
import io.gpuagent.testing.CatalogueWorld;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that values never become readings if they are implausible or were not written by the driver. */
class ImpossibleReadingsTest extends FakeNvmlTest {

    private static final String DEVICE = "device 0 uuid=GPU-a ";

    @Test
    void aFunctionThatReturnsSuccessWithoutWritingYieldsNoValue() throws Exception {
        Set<String> expectedLines = Set.copyOf(CatalogueWorld.READINGS);
        Set<String> functions = new LinkedHashSet<>();
        ReadTable.ROWS.forEach(row -> functions.add(row.function().symbol()));
        functions.remove("nvmlDeviceGetRetiredPages"); // its input, 0, is also a valid result
        for (String function : functions) {
            // The older of two functions is called only if the newer one is unsupported.
            String refused = function.equals("nvmlDeviceGetTemperature")
                    ? "fault 0 call=nvmlDeviceGetTemperatureV code=3\n"
                    : function.equals("nvmlDeviceGetFanSpeed") ? "fault 0 call=nvmlDeviceGetFanSpeed_v2 code=3\n" : "";
            GpuSample sample = sampleOf(CatalogueWorld.SCENARIO + refused + "library mute=" + function + "\n");
            List<String> invented = CatalogueWorld.lines(sample.readings()).stream()
                    .filter(line -> !expectedLines.contains(line))
                    .toList();
            assertEquals(List.of(), invented, function);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "util=101",
                "util=808334905",
                "util=4294967295",
                "temp=300",
                "power_limit_set=4294967.295",
                "module_power=4294967.295",
                "power_instant=4294967.295",
                "memory_temperature=4294967295",
                "temperature_margin=2000",
                "temperature_margin_threshold.gpu_max=2000",
                "temperature_threshold.shutdown=4294967295",
                "clock.sm=4294967295",
                "clock_event.hw_thermal_slowdown=18000000000",
                "performance_state=16",
                "fan_speed.0=4294967295",
                "pcie_link_gpu_max_generation=4294967295",
                "pcie_errors.fatal=4294967295",
                "pcie_received=18000000000000000000",
                "remapped_rows_inactive.corrected=4294967295",
                "ecc_sram_threshold_exceeded=2 ecc_sram_errors.volatile.parity=0",
                "nvlink_errors.3.symbol=18000000000000000000",
                "fabric_state=9",
                "display_active=2",
                "gsp_firmware_mode=2",
                "c2c_mode=2",
                "recovery_action=4294967295",
                "bar1_memory_total=9223372036854775807",
                "bar1_memory_used=2G bar1_memory_total=1G",
                "protected_memory_used=2G protected_memory_total=1G",
                "ecc_errors.corrected.volatile.dram=9223372036854775807",
                "ecc_device_errors.uncorrected.aggregate=9223372036854775807",
                "ecc_errors.corrected.volatile.dram=4294967295",
                "nvlink_errors.0.crc_flit=4294967295",
                "nvlink_errors.3.symbol=4294967295",
                "retired_pages.double_bit_error=2147483648",
                "remapped_rows.corrected=2147483648",
                "row_remapper_banks.max=2147483648",
                "memory_temperature=0",
                "memory_temperature=251",
                "pcie_transmitted=9223372036854775807",
                "nvlink_link_receive.2=9223372036854775807",
                "clock_violation.power=9223372036",
                "clock.sm=20001",
                "power_limit_max=20001",
                "encoder_sessions=4294967294",
                "fabric_state=3 fabric_status=1000",
            })
    void anImpossibleValueIsDroppedAndCounted(String value) throws Exception {
        String metric = value.startsWith("fabric_state=3") ? "fabric_status" : value.split("[.=]")[0];
        GpuSample sample = sampleOf(DEVICE + value + "\n");
        assertTrue(sample.rejections().contains("over_range"), sample.toString());
        assertTrue(
                sample.readings().stream()
                        .noneMatch(reading -> reading.metric().stem().equals(metric) && reading.value() != 0),
                sample.readings().toString());
    }

    @Test
    void impossibleThroughputIsDroppedAndCounted() throws Exception {
        backend.close();
        fake.play(DEVICE + "pcie_receive=2000G pcie_transmit=100G\n");
        MetricSelection selection = MetricSelection.DEFAULT.withGroups(Set.of(MetricGroup.PCIE_THROUGHPUT));
        backend = opened.add(new NvmlBackend(
                new NvmlBackend.Options().withLibrary(fake.library()).withSelection(selection)));
        GpuSample sample = backend.enumerate().gpus().get(0).read();
        assertEquals(List.of(new Reading(DeviceMetric.PCIE_TRANSMIT, 100L << 30)), sample.readings());
        assertEquals(List.of("over_range"), sample.rejections());
    }

    @Test
    void impossibleMemoryAndEnergyAreDroppedAndCounted() throws Exception {
        GpuSample memory = sampleOf(DEVICE + "mem_total=9223372036854775807 mem_used=1G\n");
        assertNull(memory.memory());
        assertEquals(List.of("over_range"), memory.rejections());
        GpuSample energy = sampleOf(DEVICE + "energy=9223372036854775\n");
        assertNull(energy.energyMillijoules());
        assertEquals(List.of("over_range"), energy.rejections());
    }

    @Test
    void noRetiredPagesWithInsufficientSizeIsAContradiction() throws Exception {
        GpuSample sample =
                sampleOf(DEVICE + "retired_pages.double_bit_error=0\nfault 0 call=nvmlDeviceGetRetiredPages code=7\n");
        assertEquals(List.of(), sample.readings());
        assertEquals(List.of("over_range", "over_range"), sample.rejections());
        assertEquals(
                List.of(new Reading(DeviceMetric.RETIRED_PAGES, List.of("double_bit_error"), 0)),
                sampleOf(DEVICE + "retired_pages.double_bit_error=0\n").readings());
    }

    @Test
    void theFabricIsReadByEachVersionOfItsStructure() throws Exception {
        String scenario = DEVICE + "fabric_state=3 fabric_status=28\n";
        List<Reading> expected =
                List.of(new Reading(DeviceMetric.FABRIC_STATE, 3), new Reading(DeviceMetric.FABRIC_STATUS, 28));
        String r535 = "fault 0 call=nvmlDeviceGetGpuFabricInfoV exact=on code=13\n";
        for (String library : List.of("", "library fabric_version=2\n", r535)) {
            GpuSample sample = sampleOf(scenario + library);
            assertEquals(expected, sample.readings(), library);
            assertEquals(List.of(), sample.faults());
        }
    }

    @Test
    void absentHardwareHasNoValuesAndNoRejections() throws Exception {
        GpuSample sample = sampleOf(DEVICE + "fabric_state=0 protected_memory_total=0\n");
        assertEquals(List.of(), sample.readings());
        assertEquals(List.of(), sample.rejections());
    }

    @Test
    void aCallForRootOnlyIsNoFaultForOtherUsers() throws Exception {
        GpuSample sample = sampleOf(
                DEVICE + "ecc_sram_threshold_exceeded=1\nfault 0 call=nvmlDeviceGetSramEccErrorStatus code=4\n");
        assertEquals(List.of(), sample.readings());
        assertEquals(List.of(), sample.faults());
    }

    @Test
    void anIncompleteFabricRegistrationHasNoStatus() throws Exception {
        assertEquals(
                List.of(new Reading(DeviceMetric.FABRIC_STATE, 2)),
                sampleOf(DEVICE + "fabric_state=2 fabric_status=28\n").readings());
    }

    @Test
    void modulePowerIsReadEvenWithoutGpuPower() throws Exception {
        assertEquals(
                List.of(new Reading(DeviceMetric.MODULE_POWER, 500)),
                sampleOf(DEVICE + "module_power=500\n").readings());
    }

    @Test
    void violationsAreReadFromFieldsIfTheirFunctionIsMissing() throws Exception {
        String scenario = DEVICE + "clock_violation.thermal=2.5 clock_violation.reliability=3.5\n";
        List<Reading> expected = List.of(
                new Reading(DeviceMetric.CLOCK_VIOLATION, List.of("thermal"), 2.5),
                new Reading(DeviceMetric.CLOCK_VIOLATION, List.of("reliability"), 3.5));
        assertEquals(expected, sampleOf(scenario).readings());
        for (int refusal : List.of(13, 2)) { // FUNCTION_NOT_FOUND; INVALID_ARGUMENT if the device has no such policy
            GpuSample sample = sampleOf(scenario + "fault 0 call=nvmlDeviceGetViolationStatus code=" + refusal + "\n");
            assertEquals(expected, sample.readings());
            assertEquals(List.of(), sample.faults());
        }
    }

    @Test
    void perLinkTrafficIsReadFromTheOlderFieldsWithoutNvLinkFiveFields() throws Exception {
        String scenario = DEVICE + "nvlink_link_receive.2=3M nvlink_receive=5M nvlink_errors.2.symbol=7\n";
        Reading link = new Reading(DeviceMetric.NVLINK_LINK_RECEIVE, List.of("2"), 3 << 20);
        Reading all = new Reading(DeviceMetric.NVLINK_RECEIVE, 5 << 20);
        Reading errors = new Reading(DeviceMetric.NVLINK_ERRORS, List.of("2", "symbol"), 7);
        assertEquals(List.of(all, errors, link), sampleOf(scenario).readings());
        assertEquals(
                List.of(all, link),
                sampleOf(scenario + "library fields_below=200\n").readings());
    }

    @Test
    void aCounterMayReachItsMaximumAndWrapToZero() throws Exception {
        for (double count : List.of(4294967294.0, 0.0)) {
            GpuSample sample =
                    sampleOf(DEVICE + "pcie_replays=" + (long) count + " pcie_errors.fatal=" + (long) count + "\n");
            assertEquals(
                    List.of(
                            new Reading(DeviceMetric.PCIE_REPLAYS, count),
                            new Reading(DeviceMetric.PCIE_ERRORS, List.of("fatal"), count)),
                    sample.readings());
        }
    }
}
