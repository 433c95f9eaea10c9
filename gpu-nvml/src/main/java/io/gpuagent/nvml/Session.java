package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.Nvml;

/**
 * The time between one initialisation of the library and its shutdown. Handles belong to a session; once it is retired no call is begun
 * with them.
 */
final class Session {

    private final Nvml nvml;
    private final CallsInFlight calls;
    private final String driverVersion;
    private final EntrySizes entrySizes = new EntrySizes();
    private volatile boolean retired;

    Session(Nvml nvml, CallsInFlight calls) {
        this.nvml = nvml;
        this.calls = calls;
        NativeMemory answer = new NativeMemory(DeviceFunctions.TEXT_SIZE);
        this.driverVersion =
                nvml.driverVersion(answer) == ReturnCode.SUCCESS ? answer.text(0, DeviceFunctions.TEXT_SIZE) : "";
    }

    Nvml nvml() {
        return nvml;
    }

    /** Empty where the driver does not tell. */
    String driverVersion() {
        return driverVersion;
    }

    EntrySizes entrySizes() {
        return entrySizes;
    }

    /** Lets a thread into the library with a handle of this session. */
    void begin() throws GpuUnavailableException {
        // Counted first, looked at second: whoever retires the session either sees this call or is seen by it.
        calls.begin();
        if (retired) {
            calls.end();
            throw new GpuUnavailableException(new CallFault(Nvml.HANDLE, ReturnCode.name(ReturnCode.UNINITIALIZED)));
        }
    }

    void end() {
        calls.end();
    }

    void retire() {
        retired = true;
    }

    boolean isRetired() {
        return retired;
    }

    void shutdown() {
        nvml.shutdown();
    }
}
