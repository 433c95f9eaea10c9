package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;

/**
 * A GPU's identity in the ledger: the values of its labels {@code gpu} and {@code uuid}. It does not contain the model
 * name, which may become known later.
 */
record Board(int index, String uuid) {

    static Board of(GpuIdentity gpu) {
        return new Board(gpu.index(), gpu.uuid());
    }
}
