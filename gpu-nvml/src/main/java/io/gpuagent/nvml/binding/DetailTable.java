package io.gpuagent.nvml.binding;

import static io.gpuagent.device.GpuDetail.*;

import io.gpuagent.device.GpuDetail;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDeviceAddressingMode_v1_t;

/** The functions that provide each {@link GpuDetail}. {@code nvml.h} documents their codes and layouts. */
public final class DetailTable {

    private static final Structure<nvmlDeviceAddressingMode_v1_t> ADDRESSING = new Structure<>(
            nvmlDeviceAddressingMode_v1_t.class,
            nvmlDeviceAddressingMode_v1_t::new,
            // -1 marks a mode that was not written, since 0 is a valid mode.
            request -> request.version(Structure.version(request, 1)).value(-1));

    public static final List<Row> ROWS = List.of(
            text(VBIOS_VERSION, "nvmlDeviceGetVbiosVersion", nvml::nvmlDeviceGetVbiosVersion),
            text(INFOROM_VERSION, "nvmlDeviceGetInforomImageVersion", nvml::nvmlDeviceGetInforomImageVersion),
            // The _v2 function is not used: it loads libcuda, so it fails in a container that has only NVML (nvml.h).
            new Row(
                    CUDA_VERSION,
                    new NvmlFunction(
                            "nvmlSystemGetCudaDriverVersion",
                            lost(CUDA_VERSION),
                            (device, buffer) -> nvml.nvmlSystemGetCudaDriverVersion(buffer.intAt(0))),
                    buffer -> version(buffer.int32(0) / 1000, buffer.int32(0) % 1000 / 10)),
            row(
                    COMPUTE_CAPABILITY,
                    "nvmlDeviceGetCudaComputeCapability",
                    Arguments.numbers(2),
                    buffer -> version(buffer.int32(0), buffer.int32(4))),
            row(
                    ADDRESSING_MODE,
                    "nvmlDeviceGetAddressingMode",
                    ADDRESSING.arguments(),
                    buffer -> addressing(ADDRESSING.in(buffer).value())));

    /**
     * A function that provides one detail. The buffer must be filled with zeros before the call.
     *
     * @param text reads the detail from the buffer; returns an empty text if the result is implausible
     */
    public record Row(GpuDetail detail, NvmlFunction function, Function<NativeMemory, String> text) {}

    private static Row row(GpuDetail detail, String symbol, Arguments arguments, Function<NativeMemory, String> text) {
        return new Row(detail, new NvmlFunction(symbol, lost(detail), arguments), text);
    }

    private static Row text(GpuDetail detail, String symbol, DeviceFunctions.TextCall call) {
        return new Row(detail, DeviceFunctions.text(symbol, lost(detail), call), DeviceFunctions::text);
    }

    private static String lost(GpuDetail detail) {
        return detail.label() + " label of gpu_info";
    }

    private static String addressing(int mode) {
        List<String> modes = List.of("none", "hmm", "ats");
        return mode >= 0 && mode < modes.size() ? modes.get(mode) : "";
    }

    private static String version(int major, int minor) {
        return major > 0 && minor >= 0 ? major + "." + minor : "";
    }

    private DetailTable() {}
}
