package io.gpuagent.nvml.binding;

import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.javacpp.Pointer;

/**
 * The handle with which NVML identifies a device. Valid until the library is shut down; using it afterwards is
 * undefined.
 */
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
