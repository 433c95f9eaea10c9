package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.XidEvent;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The errors that the backend has told since they were last asked for. Called by the backend's thread and by the sampling thread. */
final class XidQueue {

    private final Map<XidKey, XidBatch> reports = new LinkedHashMap<>();

    /** Errors alike, of one GPU or one MIG instance of it. */
    record XidKey(GpuIdentity gpu, String mig, int xid) {}

    /** How often errors alike were told, and when they were last. */
    record XidBatch(XidKey kind, long count, Instant last) {}

    synchronized void add(XidEvent event) {
        XidKey kind = new XidKey(event.gpu(), event.mig(), event.xid());
        reports.merge(
                kind,
                new XidBatch(kind, 1, event.time()),
                (before, now) -> new XidBatch(kind, before.count() + 1, now.last()));
    }

    synchronized List<XidBatch> drain() {
        List<XidBatch> drained = List.copyOf(reports.values());
        reports.clear();
        return drained;
    }
}
