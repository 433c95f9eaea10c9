package io.gpuagent.usage;

import io.gpuagent.device.GpuIdentity;

/** A GPU by what its figures are shown with: a model that is told later does not make another one of it. */
record Board(int index, String uuid) {

    static Board of(GpuIdentity gpu) {
        return new Board(gpu.index(), gpu.uuid());
    }
}
