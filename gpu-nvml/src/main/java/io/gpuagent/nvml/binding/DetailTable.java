package io.gpuagent.nvml.binding;

import static io.gpuagent.device.GpuDetail.*;

import io.gpuagent.device.GpuDetail;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDeviceAddressingMode_v1_t;
import org.bytedeco.cuda.nvml.nvmlDevice_st;

/** Which function tells which {@link GpuDetail}. Codes and layouts: {@code nvml.h}. */
public final class DetailTable {

    public static final List<Row> ROWS = List.of(
            text(
                    VBIOS_VERSION,
                    "nvmlDeviceGetVbiosVersion",
                    (device, answer) ->
                            nvml.nvmlDeviceGetVbiosVersion(device, answer.at(0), DeviceFunctions.TEXT_SIZE)),
            text(
                    INFOROM_VERSION,
                    "nvmlDeviceGetInforomImageVersion",
                    (device, answer) ->
                            nvml.nvmlDeviceGetInforomImageVersion(device, answer.at(0), DeviceFunctions.TEXT_SIZE)),
            // Not the second version, which loads libcuda and so fails where a container has NVML alone (nvml.h).
            new Row(
                    CUDA_VERSION,
                    "nvmlSystemGetCudaDriverVersion",
                    (device, answer) -> nvml.nvmlSystemGetCudaDriverVersion(answer.intAt(0)),
                    answer -> version(answer.int32(0) / 1000, answer.int32(0) % 1000 / 10)),
            new Row(
                    COMPUTE_CAPABILITY,
                    "nvmlDeviceGetCudaComputeCapability",
                    (device, answer) ->
                            nvml.nvmlDeviceGetCudaComputeCapability(device, answer.intAt(0), answer.intAt(4)),
                    answer -> version(answer.int32(0), answer.int32(4))),
            new Row(ADDRESSING_MODE, "nvmlDeviceGetAddressingMode", DetailTable::addressingMode, answer -> {
                int mode = answer.int32(4);
                List<String> modes = List.of("none", "hmm", "ats");
                return mode >= 0 && mode < modes.size() ? modes.get(mode) : "";
            }));

    /**
     * A call and how its answer, in memory that was 0 before, is read.
     *
     * @param text empty where the answer cannot be true
     */
    public record Row(GpuDetail detail, NvmlFunction function, Function<NativeMemory, String> text) {

        Row(GpuDetail detail, String symbol, NvmlFunction.Call call, Function<NativeMemory, String> text) {
            this(detail, new NvmlFunction(symbol, detail.label() + " of gpu_info", call), text);
        }
    }

    private static Row text(GpuDetail detail, String symbol, NvmlFunction.Call call) {
        return new Row(detail, symbol, call, answer -> answer.text(0, DeviceFunctions.TEXT_SIZE));
    }

    private static String version(int major, int minor) {
        return major > 0 && minor >= 0 ? major + "." + minor : "";
    }

    private static int addressingMode(nvmlDevice_st device, NativeMemory answer) {
        answer.putInt32(0, 8 | 1 << 24);
        answer.putInt32(4, -1); // 0 is a mode
        return nvml.nvmlDeviceGetAddressingMode(device, answer.structAt(0, nvmlDeviceAddressingMode_v1_t::new));
    }

    private DetailTable() {}
}
