package io.gpuagent.nvml.binding;

import java.util.List;
import java.util.function.Predicate;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlEventData_t;
import org.bytedeco.cuda.nvml.nvmlEventSet_st;
import org.jspecify.annotations.Nullable;

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

    /** A set, to be created; only where the library {@link Nvml#tellsEvents tells} events. */
    public EventSet(Nvml library) {
        this.instances = library.exports(WAIT_V2);
    }

    /** The functions without which no events are told. */
    static List<String> missing(Predicate<String> exported) {
        return MissingFunctions.missing(exported, CREATE, REGISTER, FREE, exported.test(WAIT) ? WAIT : WAIT_V2);
    }

    /** The function without which the MIG instances of events are not told; none where no events are. */
    static List<String> missingForInstances(Predicate<String> exported) {
        return missing(exported).isEmpty() ? MissingFunctions.missing(exported, WAIT_V2) : List.of();
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

    /**
     * An error that was told.
     *
     * @param device the {@link DeviceHandle#address address} of the device that it is of
     * @param gpuInstance -1 where it is not told, as is the compute instance
     */
    public record Xid(long device, long number, int gpuInstance, int computeInstance) {}

    /** The error that was waited for; null where the event was none. */
    public @Nullable Xid xid() {
        return data.int64(8) == nvml.nvmlEventTypeXidCriticalError
                ? new Xid(data.int64(0), data.int64(16), data.int32(24), data.int32(28))
                : null;
    }

    public int free() {
        return nvml.nvmlEventSetFree(set);
    }
}
