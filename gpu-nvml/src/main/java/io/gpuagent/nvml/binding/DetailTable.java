package io.gpuagent.nvml.binding;

import static io.gpuagent.device.GpuDetail.*;

import io.gpuagent.device.GpuDetail;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDeviceAddressingMode_v1_t;

/** Which function tells which {@link GpuDetail}. Codes and layouts: {@code nvml.h}. */
public final class DetailTable {

    public static final List<Row> ROWS = List.of(
            text(VBIOS_VERSION, "nvmlDeviceGetVbiosVersion", nvml::nvmlDeviceGetVbiosVersion),
            text(INFOROM_VERSION, "nvmlDeviceGetInforomImageVersion", nvml::nvmlDeviceGetInforomImageVersion),
            // Not the second version, which loads libcuda and so fails where a container has NVML alone (nvml.h).
            new Row(
                    CUDA_VERSION,
                    new NvmlFunction(
                            "nvmlSystemGetCudaDriverVersion",
                            lost(CUDA_VERSION),
                            (device, answer) -> nvml.nvmlSystemGetCudaDriverVersion(answer.intAt(0))),
                    answer -> version(answer.int32(0) / 1000, answer.int32(0) % 1000 / 10)),
            row(
                    COMPUTE_CAPABILITY,
                    "nvmlDeviceGetCudaComputeCapability",
                    Arguments.numbers(2),
                    answer -> version(answer.int32(0), answer.int32(4))),
            row(
                    ADDRESSING_MODE,
                    "nvmlDeviceGetAddressingMode",
                    // 0 is a mode
                    Arguments.structure(nvmlDeviceAddressingMode_v1_t.class).after(8 | 1 << 24, -1),
                    answer -> {
                        int mode = answer.int32(4);
                        List<String> modes = List.of("none", "hmm", "ats");
                        return mode >= 0 && mode < modes.size() ? modes.get(mode) : "";
                    }));

    /**
     * A call and how its answer, in memory that was 0 before, is read.
     *
     * @param text empty where the answer cannot be true
     */
    public record Row(GpuDetail detail, NvmlFunction function, Function<NativeMemory, String> text) {}

    private static Row row(GpuDetail detail, String symbol, Arguments arguments, Function<NativeMemory, String> text) {
        return new Row(detail, new NvmlFunction(symbol, lost(detail), arguments), text);
    }

    private static Row text(GpuDetail detail, String symbol, DeviceFunctions.TextCall call) {
        return new Row(
                detail,
                DeviceFunctions.text(symbol, lost(detail), call),
                answer -> answer.text(0, DeviceFunctions.TEXT_SIZE));
    }

    private static String lost(GpuDetail detail) {
        return detail.label() + " of gpu_info";
    }

    private static String version(int major, int minor) {
        return major > 0 && minor >= 0 ? major + "." + minor : "";
    }

    private DetailTable() {}
}
