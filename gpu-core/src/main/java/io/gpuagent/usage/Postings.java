package io.gpuagent.usage;

import io.gpuagent.device.GpuSample;
import io.gpuagent.usage.GpuReader.Outcome;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.Resolution;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Posts the samples and Xids of each tick to the ledger. Called only by the sampler thread. */
final class Postings {

    private final ContainerDirectory directory;
    private final Ledger ledger;
    private final XidAccounts xids;

    Postings(ContainerDirectory directory, Ledger ledger, XidAccounts xids) {
        this.directory = directory;
        this.ledger = ledger;
        this.xids = xids;
    }

    /**
     * Posts the newest sample of every GPU that can be read, and the Xids reported since the last call. If a sample has
     * already been posted, only names are updated.
     *
     * @param nanos the current monotonic time
     * @param interval the current sample interval
     * @return the attribution of each posted sample
     */
    Map<GpuReader, Attribution> post(
            GpuReaders readers, Map<Integer, Resolution> resolutions, long nanos, Duration interval) {
        xids.enter(nanos);
        Map<GpuReader, Attribution> posted = new HashMap<>();
        for (GpuReader reader : readers.readers()) {
            if (reader.stall() == null && reader.outcome() instanceof Outcome.Sampled sampled) {
                GpuSample sample = sampled.sample();
                Attribution attribution = Attribution.of(sample, resolutions, directory);
                posted.put(reader, ledger.enter(reader.identity(), sampled.nanos(), sample, attribution, interval));
            }
        }
        xids.enterEarly(nanos);
        ledger.retainOnly(readers.identities());
        ledger.settle(nanos);
        return posted;
    }
}
