package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.XidEvent;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The errors that the backend has told since they were last asked for. Called by the backend's thread and by the sampling thread. */
final class XidReports {

    private final Map<Kind, Report> reports = new LinkedHashMap<>();

    /** Errors alike, of one GPU or one MIG instance of it. */
    record Kind(GpuIdentity gpu, String mig, int xid) {}

    /** How often errors alike were told, and when they were last. */
    record Report(Kind kind, long count, Instant last) {}

    synchronized void add(XidEvent event) {
        Kind kind = new Kind(event.gpu(), event.mig(), event.xid());
        reports.merge(
                kind,
                new Report(kind, 1, event.time()),
                (before, now) -> new Report(kind, before.count() + 1, now.last()));
    }

    synchronized List<Report> drain() {
        List<Report> drained = List.copyOf(reports.values());
        reports.clear();
        return drained;
    }
}
