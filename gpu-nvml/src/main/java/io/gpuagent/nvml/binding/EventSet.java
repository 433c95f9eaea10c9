package io.gpuagent.nvml.binding;

import java.util.List;
import java.util.function.Predicate;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlEventData_t;
import org.bytedeco.cuda.nvml.nvmlEventSet_st;
import org.jspecify.annotations.Nullable;

/**
 * An NVML event set, which receives the Xids of the devices registered with it. It may be used only if the library
 * {@link Nvml#supportsEvents supports} events, and only by one thread at a time.
 */
public final class EventSet {

    private static final String CREATE = "nvmlEventSetCreate";
    public static final String REGISTER = "nvmlDeviceRegisterEvents";
    private static final String WAIT_V2 = "nvmlEventSetWait_v2";
    private static final String WAIT = "nvmlEventSetWait";
    private static final String FREE = "nvmlEventSetFree";

    /** At least the size of {@code nvmlEventData_t}. */
    private static final int DATA_SIZE = 64;

    private final nvmlEventSet_st set = new nvmlEventSet_st();
    private final NativeMemory data = new NativeMemory(DATA_SIZE);
    private final boolean instances;

    /** The set must be created with {@link #create()} before its use. */
    public EventSet(Nvml library) {
        this.instances = library.exports(WAIT_V2);
    }

    /** The functions required for events that the library lacks. */
    static List<String> missing(Predicate<String> exported) {
        return MissingFunctions.missing(exported, CREATE, REGISTER, FREE, exported.test(WAIT) ? WAIT : WAIT_V2);
    }

    /**
     * The function required for the MIG instance of an event, if the library lacks it. Empty if the library does not
     * support events at all.
     */
    static List<String> missingForInstances(Predicate<String> exported) {
        return missing(exported).isEmpty() ? MissingFunctions.missing(exported, WAIT_V2) : List.of();
    }

    /** The function that {@link #await} calls. */
    public String waiting() {
        return instances ? WAIT_V2 : WAIT;
    }

    public int create() {
        return nvml.nvmlEventSetCreate(set);
    }

    /** Subscribes to the Xids of a device. */
    public int register(DeviceHandle device) {
        return nvml.nvmlDeviceRegisterEvents(device.device, nvml.nvmlEventTypeXidCriticalError, set);
    }

    /** Waits for one event; {@link #xid()} returns it. */
    public int await(int millis) {
        data.fill((byte) 0xFF); // so that unwritten fields read as "none"
        nvmlEventData_t event = event();
        return instances ? nvml.nvmlEventSetWait_v2(set, event, millis) : nvml.nvmlEventSetWait(set, event, millis);
    }

    /**
     * An Xid that was received.
     *
     * @param device the {@link DeviceHandle#address address} of the device
     * @param gpuInstance the GPU instance id; -1 if unknown
     * @param computeInstance the compute instance id; -1 if unknown
     */
    public record Xid(long device, long number, int gpuInstance, int computeInstance) {}

    /** The event received by the last wait; null if it is not an Xid. */
    public @Nullable Xid xid() {
        nvmlEventData_t event = event();
        return event.eventType() == nvml.nvmlEventTypeXidCriticalError
                ? new Xid(event.device().address(), event.eventData(), event.gpuInstanceId(), event.computeInstanceId())
                : null;
    }

    private nvmlEventData_t event() {
        return data.structAt(0, nvmlEventData_t::new);
    }

    public int free() {
        return nvml.nvmlEventSetFree(set);
    }
}
