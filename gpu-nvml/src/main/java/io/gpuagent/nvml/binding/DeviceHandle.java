package io.gpuagent.nvml.binding;

import org.bytedeco.cuda.nvml.nvmlDevice_st;

/** NVML's handle of a device. Good until the library is shut down; a call with an older one is undefined. */
public final class DeviceHandle {

    final nvmlDevice_st device = new nvmlDevice_st();

    /** The handle's value, for comparison only. */
    public long address() {
        return device.address();
    }
}
