package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.usage.XidQueue.XidBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The errors of all GPUs, counted for as long as the process lives, and for the workloads that were on the GPU in their accounts. For the
 * sampling thread.
 */
final class XidAccounts {

    /** There are about 170 kinds of errors; a GPU that has more than these is not what we think it is. */
    private static final int MOST_KINDS = 64;

    private final Map<Board, Map<String, XidCount>> boards = new HashMap<>();
    private final XidQueue reports;
    private final Ledger ledger;
    private final XidLog log;

    /** Errors that came before the GPU was first sampled: nobody knows yet who is on it. */
    private List<XidBatch> early = new ArrayList<>();

    XidAccounts(XidQueue reports, Ledger ledger, XidLog log) {
        this.reports = reports;
        this.ledger = ledger;
        this.log = log;
    }

    /**
     * Enters what was reported since the last sample. To be called before the next is entered: whoever an error ended is no longer in that
     * one.
     */
    void enter(long nanos) {
        List<XidBatch> unsampled = new ArrayList<>();
        for (XidBatch report : reports.drain()) {
            count(report);
            if (ledger.knows(report.kind().gpu())) {
                charge(report, nanos);
            } else {
                unsampled.add(report);
            }
        }
        early = unsampled;
        log.sums(nanos);
    }

    /** Enters what could not be entered before a GPU's first sample; if there is none still, nobody is known to have been there. */
    void enterEarly(long nanos) {
        early.forEach(report -> charge(report, nanos));
        early = List.of();
    }

    private void count(XidBatch report) {
        Map<String, XidCount> counts =
                boards.computeIfAbsent(Board.of(report.kind().gpu()), unused -> new HashMap<>());
        String xid = Integer.toString(report.kind().xid());
        String label = counts.containsKey(xid) || counts.size() < MOST_KINDS ? xid : XidCount.OTHER;
        counts.merge(
                label,
                new XidCount(label, report.count(), report.last()),
                (before, now) -> new XidCount(label, before.count() + now.count(), now.lastSeen()));
    }

    private void charge(XidBatch report, long nanos) {
        String xid = Integer.toString(report.kind().xid());
        GpuIdentity gpu = report.kind().gpu();
        boolean known = counts(gpu).stream().anyMatch(count -> count.xid().equals(xid));
        List<WorkloadUsage> there =
                ledger.count(gpu, report.kind().mig(), known ? xid : XidCount.OTHER, report.count());
        log.report(report, known, there, nanos);
    }

    /** A GPU's errors, by number. */
    List<XidCount> counts(GpuIdentity gpu) {
        return boards.getOrDefault(Board.of(gpu), Map.of()).values().stream()
                .sorted(Comparator.comparing(XidCount::xid, Comparator.comparing(String::length))
                        .thenComparing(XidCount::xid))
                .toList();
    }
}
