package io.gpuagent.nvml.binding;

import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.javacpp.Pointer;

/** NVML's handle of a device. It is valid until the library is shut down; any later use is undefined behavior. */
public final class DeviceHandle {

    final nvmlDevice_st device;

    public DeviceHandle() {
        this(new nvmlDevice_st());
    }

    private DeviceHandle(nvmlDevice_st device) {
        this.device = device;
    }

    /** The handle at an offset in a buffer. */
    public static DeviceHandle in(NativeMemory buffer, int offset) {
        return new DeviceHandle(new nvmlDevice_st(new Address(buffer.int64(offset))));
    }

    private static final class Address extends Pointer {

        Address(long value) {
            address = value;
        }
    }

    /** The handle's address, for comparison only. */
    public long address() {
        return device.address();
    }
}
