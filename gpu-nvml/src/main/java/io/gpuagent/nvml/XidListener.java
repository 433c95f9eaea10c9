package io.gpuagent.nvml;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.device.XidEvent;
import io.gpuagent.nvml.binding.EventSet;
import io.gpuagent.nvml.binding.EventSet.Xid;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Receives the Xid events of all GPUs in one session, on a thread that ends with the session. The library cannot be
 * shut down during a wait for events, so each wait is short.
 */
final class XidListener extends SessionThread {

    /**
     * Maximum duration of one wait for an event. If the library returns early without an event, the thread sleeps for
     * the rest of this time, so that a wait that does not block cannot keep a core busy.
     */
    private static final int WAIT_MILLIS = 250;

    /**
     * After this many waits, registration is retried for GPUs that could not be registered. After this many failed
     * waits in a row, the event set is replaced.
     */
    private static final int RETRY_WAITS = 20;

    private static final int SETTLED = 0;

    private final Consumer<XidEvent> listener;
    private final Consumer<CallFault> faults;

    /**
     * The registered GPUs, by handle address. A GPU is kept when it is no longer enumerated: the Xid for its loss may
     * be delivered later.
     */
    private final Map<Long, NvmlGpu> devices = new HashMap<>();

    /**
     * For each GPU, the number of waits since it was first seen; {@link #SETTLED} if it is registered or does not
     * support events.
     */
    private final Map<NvmlGpu, Integer> waits = new HashMap<>();

    private final Set<Integer> loggedCodes = new HashSet<>();

    /**
     * Whether a registration with the current set returned UNKNOWN. The state of the set is then undefined and it must
     * be freed ({@code nvml.h}).
     */
    private boolean undefined;

    XidListener(Session session, Consumer<XidEvent> listener, Consumer<CallFault> faults) {
        super(session);
        this.listener = listener;
        this.faults = faults;
    }

    @Override
    void serve() {
        while (!session.isRetired()) {
            listen(new EventSet(session.nvml));
        }
    }

    private void listen(EventSet set) {
        int code = set.create();
        if (code != ReturnCode.SUCCESS) {
            reportFailure(code, "nvmlEventSetCreate");
            pause(System.nanoTime(), WAIT_MILLIS);
            return;
        }
        waits.values().removeIf(waited -> waited == SETTLED);
        undefined = false;
        try {
            int failures = 0;
            while (!session.isRetired() && failures < RETRY_WAITS && !undefined) {
                failures = waitOnce(set) ? 0 : failures + 1;
            }
        } finally {
            set.free();
        }
    }

    /** Registers new GPUs and waits for one event. Returns whether the library behaved as documented. */
    private boolean waitOnce(EventSet set) {
        register(set);
        long start = System.nanoTime();
        if (undefined) {
            return false;
        }
        if (devices.isEmpty()) {
            pause(start, WAIT_MILLIS);
            return true;
        }
        int code = set.await(WAIT_MILLIS);
        Xid xid = code == ReturnCode.SUCCESS ? set.xid() : null;
        if (xid != null) {
            deliver(xid);
            return true;
        }
        boolean expected = code == ReturnCode.SUCCESS || code == ReturnCode.TIMEOUT;
        if (!expected) {
            reportFailure(code, set.waiting());
        }
        pause(start, WAIT_MILLIS);
        return expected;
    }

    /**
     * Registers the GPUs that are not registered yet. A GPU that disappeared and came back is registered again: a reset
     * may have cleared its registration.
     */
    private void register(EventSet set) {
        List<NvmlGpu> wanted = gpus;
        waits.keySet().retainAll(wanted);
        for (NvmlGpu gpu : wanted) {
            int waited = waits.merge(gpu, 1, (before, one) -> before == SETTLED ? SETTLED : before + one);
            if (waited % RETRY_WAITS == 1) {
                register(set, gpu, waited == 1);
            }
            if (undefined) {
                return;
            }
        }
    }

    private void register(EventSet set, NvmlGpu gpu, boolean first) {
        int code = set.register(gpu.calls.handle);
        undefined = code == ReturnCode.UNKNOWN;
        if (code == ReturnCode.SUCCESS) {
            devices.put(gpu.calls.handle.address(), gpu);
        }
        if (code == ReturnCode.SUCCESS || ReturnCode.notOffered(code)) {
            waits.put(gpu, SETTLED);
        } else {
            CallFault fault = countFailure(EventSet.REGISTER, code);
            if (first) {
                LOG.log(
                        Level.WARNING,
                        "GPU " + gpu.identity().index() + " " + gpu.identity().uuid() + ": no Xid events, " + fault);
            }
        }
    }

    private void deliver(Xid xid) {
        NvmlGpu gpu = devices.get(xid.device());
        if (gpu == null) {
            LOG.log(Level.DEBUG, "Xid {0} of a GPU that was not registered", xid.number());
            return;
        }
        boolean inRange = xid.number() >= 0 && xid.number() <= Integer.MAX_VALUE;
        int number = inRange ? (int) xid.number() : XidEvent.UNKNOWN;
        listener.accept(new XidEvent(gpu.identity(), gpu.hasMig() ? instance(xid) : "", number, Instant.now()));
    }

    private static String instance(Xid xid) {
        if (xid.gpuInstance() == -1) {
            return "";
        }
        return xid.computeInstance() == -1
                ? Integer.toString(xid.gpuInstance())
                : xid.gpuInstance() + ":" + xid.computeInstance();
    }

    /** Counts each failure, but logs each code only once: with a lost GPU every wait may fail. */
    private void reportFailure(int code, String function) {
        if (!ReturnCode.endsSession(code)) {
            CallFault fault = countFailure(function, code);
            if (loggedCodes.add(code)) {
                LOG.log(Level.WARNING, fault + ": Xid events may be missed");
            }
        }
    }

    private CallFault countFailure(String function, int code) {
        CallFault fault = new CallFault(function, ReturnCode.name(code));
        faults.accept(fault);
        return fault;
    }
}
