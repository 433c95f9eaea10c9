package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.Nvml;
import java.util.concurrent.Semaphore;

/**
 * One initialization of the library, up to its shutdown. Device handles belong to a session; after {@link #retire()} no
 * new call uses them.
 */
final class Session {

    final Nvml nvml;

    /** Empty if the driver does not report it. */
    final String driverVersion;

    final EntrySizes entrySizes = new EntrySizes();
    private final Semaphore inLibrary;
    private volatile boolean retired;

    /** @param inLibrary a semaphore; each thread holds one permit while it is inside the library */
    Session(Nvml nvml, Semaphore inLibrary) {
        this.nvml = nvml;
        this.inLibrary = inLibrary;
        this.driverVersion = nvml.driverVersion();
    }

    /** Takes a permit for calls with this session's handles. The caller must call {@link #end()} afterwards. */
    void begin() throws GpuUnavailableException {
        // Take the permit before the check. Then either the check sees that the session was retired, or the shutdown
        // waits for this thread.
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
