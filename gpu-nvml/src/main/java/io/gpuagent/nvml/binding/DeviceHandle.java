package io.gpuagent.nvml.binding;

import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.javacpp.Pointer;

/** NVML's handle of a device. Good until the library is shut down; a call with an older one is undefined. */
public final class DeviceHandle {

    final nvmlDevice_st device;

    public DeviceHandle() {
        this(new nvmlDevice_st());
    }

    private DeviceHandle(nvmlDevice_st device) {
        this.device = device;
    }

    /** The handle that lies in an answer. */
    public static DeviceHandle in(NativeMemory answer, int offset) {
        return new DeviceHandle(new nvmlDevice_st(new Address(answer.int64(offset))));
    }

    private static final class Address extends Pointer {

        Address(long value) {
            address = value;
        }
    }

    /** The handle's value, for comparison only. */
    public long address() {
        return device.address();
    }
}
