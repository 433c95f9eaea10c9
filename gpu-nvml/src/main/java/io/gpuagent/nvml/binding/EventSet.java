package io.gpuagent.nvml.binding;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlEventData_t;
import org.bytedeco.cuda.nvml.nvmlEventSet_st;

/**
 * A set of NVML's that the errors (XIDs) of the devices registered with it are waited for on. Not to be used where the library
 * {@link #missing lacks} one of the functions. For one thread.
 */
public final class EventSet {

    private static final String CREATE = "nvmlEventSetCreate";
    public static final String REGISTER = "nvmlDeviceRegisterEvents";
    private static final String WAIT_V2 = "nvmlEventSetWait_v2";
    private static final String WAIT = "nvmlEventSetWait";
    private static final String FREE = "nvmlEventSetFree";

    /** {@code nvmlEventData_t}: the device at 0, the event's type at 8, its number at 16, the MIG instance at 24 and 28. */
    private static final int DATA_SIZE = 32;

    private final nvmlEventSet_st set = new nvmlEventSet_st();
    private final NativeMemory data = new NativeMemory(DATA_SIZE);
    private final boolean instances;

    private EventSet(boolean instances) {
        this.instances = instances;
    }

    /** The functions without which no events are told. */
    static List<String> missing(Predicate<String> exported) {
        List<String> missing = new ArrayList<>(List.of(CREATE, REGISTER, FREE));
        missing.removeIf(exported);
        if (!exported.test(WAIT_V2) && !exported.test(WAIT)) {
            missing.add(WAIT_V2);
        }
        return missing;
    }

    /** The function without which the MIG instances of events are not told; none where no events are. */
    static List<String> missingForInstances(Predicate<String> exported) {
        return missing(exported).isEmpty() && !exported.test(WAIT_V2) ? List.of(WAIT_V2) : List.of();
    }

    static EventSet of(Nvml library) {
        return new EventSet(library.exports(WAIT_V2));
    }

    /** The function that waits. */
    public String waiting() {
        return instances ? WAIT_V2 : WAIT;
    }

    public int create() {
        return nvml.nvmlEventSetCreate(set);
    }

    /** Has the errors of a device told from now on. */
    public int register(DeviceHandle device) {
        return nvml.nvmlDeviceRegisterEvents(device.device, nvml.nvmlEventTypeXidCriticalError, set);
    }

    /** Waits for one event, which may be read afterwards. */
    public int await(int millis) {
        data.fill((byte) 0xFF); // what is left unwritten is "not told"
        nvmlEventData_t event = data.structAt(0, nvmlEventData_t::new);
        return instances ? nvml.nvmlEventSetWait_v2(set, event, millis) : nvml.nvmlEventSetWait(set, event, millis);
    }

    /** The {@link DeviceHandle#address address} of the device that the event is of. */
    public long device() {
        return data.int64(0);
    }

    /** Whether there was an event, and an error. */
    public boolean isXid() {
        return data.int64(8) == nvml.nvmlEventTypeXidCriticalError;
    }

    /** The error's number. */
    public long xid() {
        return data.int64(16);
    }

    /** The GPU instance, -1 where it is not told. */
    public int gpuInstance() {
        return data.int32(24);
    }

    /** The compute instance, -1 where it is not told. */
    public int computeInstance() {
        return data.int32(28);
    }

    public int free() {
        return nvml.nvmlEventSetFree(set);
    }
}
