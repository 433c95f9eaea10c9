package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.XidEvent;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The errors that the backend has told since they were last asked for. Called by the backend's thread and by the sampling thread. */
final class XidReports {

    private final Map<Key, Report> reports = new LinkedHashMap<>();

    private record Key(GpuIdentity gpu, String mig, int xid) {}

    /** Errors alike, of one GPU or one MIG instance of it. */
    record Report(GpuIdentity gpu, String mig, int xid, long count, Instant last) {

        Report plus(Report later) {
            return new Report(gpu, mig, xid, count + later.count, later.last);
        }
    }

    synchronized void add(XidEvent event) {
        Report one = new Report(event.gpu(), event.mig(), event.xid(), 1, event.time());
        reports.merge(new Key(event.gpu(), event.mig(), event.xid()), one, Report::plus);
    }

    synchronized List<Report> drain() {
        List<Report> drained = List.copyOf(reports.values());
        reports.clear();
        return drained;
    }
}
