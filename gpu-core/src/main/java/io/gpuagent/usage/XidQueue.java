package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.XidEvent;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Xids that the backend has reported since the last {@link #drain()}. The backend's thread adds them, and the
 * sampler thread removes them.
 */
final class XidQueue {

    private final Map<XidKey, XidBatch> batches = new LinkedHashMap<>();

    /** The Xid number together with the GPU or MIG instance that reported it. */
    record XidKey(GpuIdentity gpu, String mig, int xid) {}

    /** The number of Xids with the same key, and the time of the last one. */
    record XidBatch(XidKey key, long count, Instant last) {}

    synchronized void add(XidEvent event) {
        XidKey key = new XidKey(event.gpu(), event.mig(), event.xid());
        batches.merge(
                key,
                new XidBatch(key, 1, event.time()),
                (sum, added) -> new XidBatch(key, sum.count() + 1, added.last()));
    }

    synchronized List<XidBatch> drain() {
        List<XidBatch> drained = List.copyOf(batches.values());
        batches.clear();
        return drained;
    }
}
