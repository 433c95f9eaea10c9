package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.MetricSelection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LinkTotalsTest extends FakeNvmlTest {

    private static final String DEVICE = "device 0 uuid=GPU-a ";

    private static Map<String, Double> traffic(GpuSample sample) {
        Map<String, Double> traffic = new TreeMap<>();
        sample.readings().stream()
                .filter(reading -> reading.metric().name().matches("NVLINK_(LINK_)?(RECEIVE|TRANSMIT)"))
                .forEach(reading ->
                        traffic.put(reading.metric().name() + String.join("", reading.labels()), reading.value()));
        return traffic;
    }

    @Test
    void totalsThatAreRefusedAreTheSumOfTheLinks() throws Exception {
        assertEquals(
                Map.of("NVLINK_LINK_RECEIVE0", 3e6, "NVLINK_LINK_RECEIVE17", 4e6, "NVLINK_RECEIVE", 7e6),
                traffic(sampleOf(DEVICE + "nvlink5_receive.0=3000000 nvlink5_receive.17=4000000\n")));
    }

    @Test
    void totalsThatAreReportedAreKept() throws Exception {
        assertEquals(
                Map.of("NVLINK_LINK_RECEIVE0", 1024.0, "NVLINK_RECEIVE", 4096.0),
                traffic(sampleOf(DEVICE + "nvlink5_receive.0=1024 nvlink_receive=4096\n")));
    }

    @Test
    void zerosOfTheNewerFieldsDoNotReplaceWhatTheOlderOnesCount() throws Exception {
        assertEquals(
                Map.of("NVLINK_LINK_RECEIVE0", 2048.0, "NVLINK_RECEIVE", 4096.0),
                traffic(sampleOf(DEVICE + "nvlink5_receive.0=0 nvlink_link_receive.0=2048 nvlink_receive=4096\n")));
    }

    @Test
    void zerosThatContradictTheTotalAreNotShown() throws Exception {
        assertEquals(
                Map.of("NVLINK_TRANSMIT", 4096.0),
                traffic(sampleOf(DEVICE + "nvlink5_transmit.0=0 nvlink_transmit=4096\n")));
    }

    @Test
    void idleLinksHaveZeros() throws Exception {
        assertEquals(
                Map.of("NVLINK_LINK_TRANSMIT0", 0.0, "NVLINK_TRANSMIT", 0.0),
                traffic(sampleOf(DEVICE + "nvlink5_transmit.0=0\n")));
    }

    @Test
    void aLinkThatGoesDownDoesNotLowerTheSum() throws Exception {
        backend.close();
        fake.play(DEVICE + "nvlink5_receive.0=3000 nvlink5_receive.1=4000\n");
        MetricSelection often = new MetricSelection(MetricSelection.DEFAULT.groups(), Duration.ZERO);
        backend = opened.add(new NvmlBackend(
                new NvmlBackend.Options().withLibrary(fake.library()).withSelection(often)));
        Gpu gpu = backend.enumerate().gpus().get(0);
        assertEquals(7000, traffic(gpu.read()).get("NVLINK_RECEIVE"));
        fake.play(DEVICE + "nvlink5_receive.0=3500\n");
        assertEquals(Map.of("NVLINK_LINK_RECEIVE0", 3500.0, "NVLINK_RECEIVE", 7500.0), traffic(gpu.read()));
    }

    @Test
    void theMetricsOfOneLinkAreThoseWithTheLabelOfTheLink() {
        assertEquals(
                List.of(DeviceMetric.NVLINK_LINK_RECEIVE, DeviceMetric.NVLINK_LINK_TRANSMIT),
                List.of(DeviceMetric.values()).stream()
                        .filter(LinkTotals::isOfOneLink)
                        .toList());
    }
}
