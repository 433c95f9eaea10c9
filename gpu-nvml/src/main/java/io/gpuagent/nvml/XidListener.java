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
 * Hears the errors of the GPUs in one session, on a thread of its own that ends with the session. It is in the library nearly all the time,
 * which is not shut down before it has left: hence the short waits.
 */
final class XidListener extends SessionThread {

    /** No wait without an event is shorter than this, whatever the library does: one that does not block must not keep a core busy. */
    private static final int WAIT_MILLIS = 250;

    /** So many waits later, a device that could not be registered is tried again, and a set that only fails is given up for a new one. */
    private static final int PATIENCE = 20;

    private static final int SETTLED = 0;

    private final Consumer<XidEvent> listener;
    private final Consumer<CallFault> failures;

    /** Whom an event is of, also when the GPU is no longer listed: its loss may be noticed before it is told. */
    private final Map<Long, NvmlGpu> devices = new HashMap<>();

    /** How many waits ago each GPU was first refused; {@link #SETTLED} where it is registered, and where it does not offer events. */
    private final Map<NvmlGpu, Integer> waits = new HashMap<>();

    private final Set<Integer> said = new HashSet<>();

    /** The state of a set in which a registration answered UNKNOWN: it is to be freed ({@code nvml.h}), and whoever did so has to wait. */
    private boolean undefined;

    XidListener(Session session, Consumer<XidEvent> listener, Consumer<CallFault> failures) {
        super(session);
        this.listener = listener;
        this.failures = failures;
    }

    @Override
    void work() {
        while (!session.isRetired()) {
            listen(new EventSet(session.nvml));
        }
    }

    private void listen(EventSet set) {
        int code = set.create();
        if (code != ReturnCode.SUCCESS) {
            say(code, "nvmlEventSetCreate");
            pause(System.nanoTime(), WAIT_MILLIS);
            return;
        }
        waits.values().removeIf(waited -> waited == SETTLED);
        undefined = false;
        try {
            int failures = 0;
            while (!session.isRetired() && failures < PATIENCE && !undefined) {
                failures = once(set) ? 0 : failures + 1;
            }
        } finally {
            set.free();
        }
    }

    /** Registers who is new and waits for one event. Returns whether the library did as it should. */
    private boolean once(EventSet set) {
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
            tell(xid);
            return true;
        }
        boolean well = code == ReturnCode.SUCCESS || code == ReturnCode.TIMEOUT;
        if (!well) {
            say(code, set.waiting());
        }
        pause(start, WAIT_MILLIS);
        return well;
    }

    /** One that has gone and comes back is registered anew: what the driver knew of it may have been lost in a reset. */
    private void register(EventSet set) {
        List<NvmlGpu> wanted = listed;
        waits.keySet().retainAll(wanted);
        for (NvmlGpu gpu : wanted) {
            int waited = waits.merge(gpu, 1, (before, one) -> before == SETTLED ? SETTLED : before + one);
            if (waited % PATIENCE == 1) {
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
            CallFault fault = count(EventSet.REGISTER, code);
            if (first) {
                LOG.log(
                        Level.WARNING,
                        "GPU " + gpu.identity().index() + " " + gpu.identity().uuid() + ": no XIDs are told, " + fault);
            }
        }
    }

    private void tell(Xid xid) {
        NvmlGpu gpu = devices.get(xid.device());
        if (gpu == null) {
            LOG.log(Level.DEBUG, "XID {0} of a GPU that was not registered", xid.number());
            return;
        }
        boolean known = xid.number() >= 0 && xid.number() <= Integer.MAX_VALUE;
        int number = known ? (int) xid.number() : XidEvent.UNKNOWN;
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

    /** Logged once for each code: a GPU that is lost may have every wait fail, or every second. */
    private void say(int code, String function) {
        if (!ReturnCode.endsSession(code)) {
            CallFault fault = count(function, code);
            if (said.add(code)) {
                LOG.log(Level.WARNING, fault + ": XIDs may be missed");
            }
        }
    }

    private CallFault count(String function, int code) {
        CallFault fault = new CallFault(function, ReturnCode.name(code));
        failures.accept(fault);
        return fault;
    }
}
