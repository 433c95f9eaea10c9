package io.gpuagent.testing;

import io.gpuagent.device.Reading;
import java.util.List;
import java.util.stream.Collectors;

/** A scenario with a device that supports every metric, and the readings expected from it. */
public final class CatalogueWorld {

    public static final String SCENARIO = """
            device 0 uuid=GPU-a mig=off util=40 mem_util=7 temp=51 power=71.5 power_limit=75
            device 0 encoder_utilization=11 decoder_utilization=12 jpeg_utilization=13 ofa_utilization=14
            device 0 encoder_sessions=2 encoder_frame_rate=60 encoder_latency=0.004
            device 0 clock.graphics=1980 clock.sm=1975 clock.memory=2619 clock.video=1545
            device 0 clock_max.graphics=1990 clock_max.sm=1985 clock_max.memory=2620 clock_max.video=1550
            device 0 clock_event_active.gpu_idle=0 clock_event_active.applications_clocks_setting=0
            device 0 clock_event_active.sw_power_cap=1 clock_event_active.hw_slowdown=0 clock_event_active.sync_boost=0
            device 0 clock_event_active.sw_thermal_slowdown=0 clock_event_active.hw_thermal_slowdown=1
            device 0 clock_event_active.hw_power_brake_slowdown=0 clock_event_active.display_clock_setting=0
            device 0 clock_event_active.unknown=1
            device 0 clock_violation.power=1.5 clock_violation.thermal=2.25 performance_state=2
            device 0 clock_event.sw_power_cap=1.5 clock_event.hw_thermal_slowdown=0.5
            device 0 memory_temperature=63 temperature_margin=-3
            device 0 temperature_threshold.shutdown=92 temperature_threshold.slowdown=89
            device 0 temperature_threshold.memory_max=95 temperature_threshold.gpu_max=87
            device 0 temperature_margin_threshold.shutdown=-8 temperature_margin_threshold.gpu_max=0
            device 0 power_instant=73.25 power_average=72 power_limit_min=50 power_limit_max=80 power_limit_default=75
            device 0 power_limit_set=78 module_power=412.5
            device 0 fan_speed.0=30 fan_speed.1=110
            device 0 pcie_link_generation=3 pcie_link_width=8 pcie_link_max_generation=5 pcie_link_max_width=16 pcie_replays=4
            device 0 pcie_link_gpu_max_generation=6 pcie_errors.recovery=11 pcie_errors.bad_dllp=12 pcie_errors.lcrc=13
            device 0 pcie_received=5T pcie_transmitted=6T
            device 0 pcie_receive=1M pcie_transmit=2M
            device 0 ecc_mode=1 ecc_mode_pending=0 ecc_errors.corrected.volatile.dram=5 ecc_errors.uncorrected.aggregate.l2_cache=6
            device 0 ecc_device_errors.corrected.volatile=15 ecc_sram_threshold_exceeded=0
            device 0 ecc_sram_errors.aggregate.parity=1 ecc_sram_errors.aggregate.secded=2 ecc_sram_errors.volatile.parity=3
            device 0 ecc_sram_errors.volatile.secded=4 ecc_sram_unit_errors.l2=5 ecc_sram_unit_errors.sm=6
            device 0 ecc_sram_unit_errors.pcie=7 ecc_sram_unit_errors.mcu=8 ecc_sram_unit_errors.other=9
            device 0 remapped_rows_inactive.corrected=3 remapped_rows_inactive.uncorrected=4
            device 0 remapped_rows.corrected=1 remapped_rows.uncorrected=2 row_remapping_pending=1 row_remapping_failed=0
            device 0 row_remapper_banks.max=640 row_remapper_banks.high=3 row_remapper_banks.partial=2
            device 0 row_remapper_banks.low=1 row_remapper_banks.none=0
            device 0 retired_pages.multiple_single_bit_errors=7 retired_pages.double_bit_error=0 retired_pages_pending=0
            device 0 bar1_memory_total=128G bar1_memory_used=5M protected_memory_total=70G protected_memory_used=6G
            device 0 nvlink_up.0=1 nvlink_up.17=0 nvlink_errors.0.replay=8 nvlink_errors.17.crc_data=9
            device 0 nvlink_errors.0.malformed_packet=1 nvlink_errors.0.recovery_failed=2 nvlink_errors.17.symbol=3
            device 0 nvlink_receive=3G nvlink_transmit=4G nvlink_link_receive.3=1G nvlink_link_transmit.17=2G
            device 0 fabric_state=3 fabric_status=28
            device 0 compute_mode=3 persistence_mode=1 display_active=1 gsp_firmware_mode=1 c2c_mode=0 recovery_action=4
            device 0 vgpu_licensed=1
            """;

    public static final List<String> READINGS = """
            gpu_bar1_memory_total_bytes[] 1.37438953472E11
            gpu_bar1_memory_used_bytes[] 5242880.0
            gpu_c2c_mode[] 0.0
            gpu_clock_event_active[applications_clocks_setting] 0.0
            gpu_clock_event_active[display_clock_setting] 0.0
            gpu_clock_event_active[gpu_idle] 0.0
            gpu_clock_event_active[hw_power_brake_slowdown] 0.0
            gpu_clock_event_active[hw_slowdown] 0.0
            gpu_clock_event_active[hw_thermal_slowdown] 1.0
            gpu_clock_event_active[sw_power_cap] 1.0
            gpu_clock_event_active[sw_thermal_slowdown] 0.0
            gpu_clock_event_active[sync_boost] 0.0
            gpu_clock_event_active[unknown] 1.0
            gpu_clock_event_seconds_total[hw_thermal_slowdown] 0.5
            gpu_clock_event_seconds_total[sw_power_cap] 1.5
            gpu_clock_hertz[graphics] 1.98E9
            gpu_clock_hertz[memory] 2.619E9
            gpu_clock_hertz[sm] 1.975E9
            gpu_clock_hertz[video] 1.545E9
            gpu_clock_max_hertz[graphics] 1.99E9
            gpu_clock_max_hertz[memory] 2.62E9
            gpu_clock_max_hertz[sm] 1.985E9
            gpu_clock_max_hertz[video] 1.55E9
            gpu_clock_violation_seconds_total[power] 1.5
            gpu_clock_violation_seconds_total[thermal] 2.25
            gpu_compute_mode[] 3.0
            gpu_decoder_utilization_ratio[] 0.12
            gpu_display_active[] 1.0
            gpu_ecc_device_errors_total[corrected, volatile] 15.0
            gpu_ecc_errors_total[corrected, volatile, dram] 5.0
            gpu_ecc_errors_total[uncorrected, aggregate, l2_cache] 6.0
            gpu_ecc_mode[] 1.0
            gpu_ecc_mode_pending[] 0.0
            gpu_ecc_sram_errors_total[aggregate, parity] 1.0
            gpu_ecc_sram_errors_total[aggregate, secded] 2.0
            gpu_ecc_sram_errors_total[volatile, parity] 3.0
            gpu_ecc_sram_errors_total[volatile, secded] 4.0
            gpu_ecc_sram_threshold_exceeded[] 0.0
            gpu_ecc_sram_unit_errors_total[l2] 5.0
            gpu_ecc_sram_unit_errors_total[mcu] 8.0
            gpu_ecc_sram_unit_errors_total[other] 9.0
            gpu_ecc_sram_unit_errors_total[pcie] 7.0
            gpu_ecc_sram_unit_errors_total[sm] 6.0
            gpu_encoder_frame_rate_hertz[] 60.0
            gpu_encoder_latency_seconds[] 0.004
            gpu_encoder_sessions[] 2.0
            gpu_encoder_utilization_ratio[] 0.11
            gpu_fabric_state[] 3.0
            gpu_fabric_status[] 28.0
            gpu_fan_speed_ratio[0] 0.3
            gpu_fan_speed_ratio[1] 1.1
            gpu_gsp_firmware_mode[] 1.0
            gpu_jpeg_utilization_ratio[] 0.13
            gpu_memory_temperature_celsius[] 63.0
            gpu_memory_utilization_ratio[] 0.07
            gpu_mig_mode[] 0.0
            gpu_module_power_watts[] 412.5
            gpu_nvlink_errors_total[0, malformed_packet] 1.0
            gpu_nvlink_errors_total[0, recovery_failed] 2.0
            gpu_nvlink_errors_total[0, replay] 8.0
            gpu_nvlink_errors_total[17, crc_data] 9.0
            gpu_nvlink_errors_total[17, symbol] 3.0
            gpu_nvlink_link_receive_bytes_total[3] 1.073741824E9
            gpu_nvlink_link_transmit_bytes_total[17] 2.147483648E9
            gpu_nvlink_receive_bytes_total[] 3.221225472E9
            gpu_nvlink_transmit_bytes_total[] 4.294967296E9
            gpu_nvlink_up[0] 1.0
            gpu_nvlink_up[17] 0.0
            gpu_ofa_utilization_ratio[] 0.14
            gpu_pcie_errors_total[bad_dllp] 12.0
            gpu_pcie_errors_total[lcrc] 13.0
            gpu_pcie_errors_total[recovery] 11.0
            gpu_pcie_link_generation[] 3.0
            gpu_pcie_link_gpu_max_generation[] 6.0
            gpu_pcie_link_max_generation[] 5.0
            gpu_pcie_link_max_width[] 16.0
            gpu_pcie_link_width[] 8.0
            gpu_pcie_received_bytes_total[] 5.49755813888E12
            gpu_pcie_replays_total[] 4.0
            gpu_pcie_transmitted_bytes_total[] 6.597069766656E12
            gpu_performance_state[] 2.0
            gpu_persistence_mode[] 1.0
            gpu_power_average_watts[] 72.0
            gpu_power_instant_watts[] 73.25
            gpu_power_limit_default_watts[] 75.0
            gpu_power_limit_max_watts[] 80.0
            gpu_power_limit_min_watts[] 50.0
            gpu_power_limit_set_watts[] 78.0
            gpu_power_limit_watts[] 75.0
            gpu_power_watts[] 71.5
            gpu_protected_memory_total_bytes[] 7.516192768E10
            gpu_protected_memory_used_bytes[] 6.442450944E9
            gpu_recovery_action[] 4.0
            gpu_remapped_rows[corrected] 1.0
            gpu_remapped_rows[uncorrected] 2.0
            gpu_remapped_rows_inactive[corrected] 3.0
            gpu_remapped_rows_inactive[uncorrected] 4.0
            gpu_retired_pages[double_bit_error] 0.0
            gpu_retired_pages[multiple_single_bit_errors] 7.0
            gpu_retired_pages_pending[] 0.0
            gpu_row_remapper_banks[high] 3.0
            gpu_row_remapper_banks[low] 1.0
            gpu_row_remapper_banks[max] 640.0
            gpu_row_remapper_banks[none] 0.0
            gpu_row_remapper_banks[partial] 2.0
            gpu_row_remapping_failed[] 0.0
            gpu_row_remapping_pending[] 1.0
            gpu_temperature_celsius[] 51.0
            gpu_temperature_margin_celsius[] -3.0
            gpu_temperature_margin_threshold_celsius[gpu_max] 0.0
            gpu_temperature_margin_threshold_celsius[shutdown] -8.0
            gpu_temperature_threshold_celsius[gpu_max] 87.0
            gpu_temperature_threshold_celsius[memory_max] 95.0
            gpu_temperature_threshold_celsius[shutdown] 92.0
            gpu_temperature_threshold_celsius[slowdown] 89.0
            gpu_utilization_ratio[] 0.4
            gpu_vgpu_licensed[] 1.0
            """.lines().toList();

    private CatalogueWorld() {}

    /** Formats readings as in an exposition, and sorts them. */
    public static List<String> lines(List<Reading> readings) {
        return readings.stream()
                .map(reading -> reading.metric().exposedName() + reading.labels() + " "
                        + Math.rint(reading.value() * 1e9) / 1e9)
                .sorted()
                .collect(Collectors.toList());
    }
}
