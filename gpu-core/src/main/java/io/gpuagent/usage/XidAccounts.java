package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;
import io.gpuagent.usage.XidQueue.XidBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts the Xids of all GPUs since the agent's start, in total and in the accounts of the workloads that were on the
 * GPU. Called only by the sampler thread.
 */
final class XidAccounts {

    /**
     * The maximum number of distinct Xid numbers per GPU. About 170 are defined; a GPU that reports more than 64 of
     * them is broken.
     */
    private static final int MAX_NUMBERS = 64;

    private final Map<Board, Map<String, XidCount>> boards = new HashMap<>();
    private final XidQueue queue;
    private final Ledger ledger;
    private final XidLog log;

    /** Xids that arrived before the GPU's first sample, so that its workloads are not known yet. */
    private List<XidBatch> early = new ArrayList<>();

    XidAccounts(XidQueue queue, Ledger ledger, XidLog log) {
        this.queue = queue;
        this.ledger = ledger;
        this.log = log;
    }

    /**
     * Enters the Xids reported since the last sample. This must be called before the next sample is entered, since that
     * sample no longer contains a process that an Xid has ended.
     */
    void enter(long nanos) {
        List<XidBatch> unsampled = new ArrayList<>();
        for (XidBatch batch : queue.drain()) {
            count(batch);
            if (ledger.knows(batch.key().gpu())) {
                charge(batch, nanos);
            } else {
                unsampled.add(batch);
            }
        }
        early = unsampled;
        log.reportRepetitions(nanos);
    }

    /**
     * Enters the Xids that arrived before a GPU's first sample. If there is still no sample, they are counted for the
     * GPU but for no workload.
     */
    void enterEarly(long nanos) {
        early.forEach(batch -> charge(batch, nanos));
        early = List.of();
    }

    private void count(XidBatch batch) {
        Map<String, XidCount> counts =
                boards.computeIfAbsent(Board.of(batch.key().gpu()), unused -> new HashMap<>());
        String xid = Integer.toString(batch.key().xid());
        String label = counts.containsKey(xid) || counts.size() < MAX_NUMBERS ? xid : XidCount.OTHER;
        counts.merge(
                label,
                new XidCount(label, batch.count(), batch.last()),
                (sum, added) -> new XidCount(label, sum.count() + added.count(), added.lastSeen()));
    }

    private void charge(XidBatch batch, long nanos) {
        String xid = Integer.toString(batch.key().xid());
        GpuIdentity gpu = batch.key().gpu();
        boolean known = counts(gpu).stream().anyMatch(count -> count.xid().equals(xid));
        List<WorkloadUsage> present = ledger.count(gpu, batch.key().mig(), known ? xid : XidCount.OTHER, batch.count());
        log.report(batch, known, present, nanos);
    }

    /** A GPU's Xids, sorted by number. */
    List<XidCount> counts(GpuIdentity gpu) {
        return boards.getOrDefault(Board.of(gpu), Map.of()).values().stream()
                .sorted(Comparator.comparing(XidCount::xid, Comparator.comparing(String::length))
                        .thenComparing(XidCount::xid))
                .toList();
    }
}
