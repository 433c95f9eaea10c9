package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;

/**
 * A GPU's identity in the ledger: its labels {@code gpu} and {@code uuid}. A model name that becomes known later does
 * not change it.
 */
record Board(int index, String uuid) {

    static Board of(GpuIdentity gpu) {
        return new Board(gpu.index(), gpu.uuid());
    }
}
