package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.Nvml;
import java.util.concurrent.Semaphore;

/**
 * The time between one initialisation of the library and its shutdown. Handles belong to a session; once it is retired no call is begun
 * with them.
 */
final class Session {

    final Nvml nvml;

    /** Empty where the driver does not tell. */
    final String driverVersion;

    final EntrySizes entrySizes = new EntrySizes();
    private final Semaphore inLibrary;
    private volatile boolean retired;

    /** @param inLibrary gives each thread in the library a permit */
    Session(Nvml nvml, Semaphore inLibrary) {
        this.nvml = nvml;
        this.inLibrary = inLibrary;
        this.driverVersion = nvml.driverVersion();
    }

    /** Lets a thread into the library with a handle of this session. */
    void begin() throws GpuUnavailableException {
        // Counted first, looked at second: whoever retires the session either sees this call or is seen by it.
        inLibrary.acquireUninterruptibly();
        if (retired) {
            inLibrary.release();
            throw new GpuUnavailableException(new CallFault(Nvml.HANDLE, ReturnCode.name(ReturnCode.UNINITIALIZED)));
        }
    }

    void end() {
        inLibrary.release();
    }

    void retire() {
        retired = true;
    }

    boolean isRetired() {
        return retired;
    }
}
