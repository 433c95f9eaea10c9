/*
 * GPU Performance Monitoring (GPM), from the keys of "device" statements that begin with gpm_. The process is
 * aborted if the caller makes two calls at the same time (even for different devices: this has caused kernel
 * panics), uses a sample that was freed or never allocated, or compares two samples less than 100 ms apart.
 */
#include "fake.h"
#include "scenario.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double MIB = 1 << 20;

/* nvmlGpmMetricId_t */
static const struct {
    unsigned id;
    const char *key;
    double unit;
} METRICS[] = {
        {1, "gpm_graphics_utilization", 1},
        {2, "gpm_sm_utilization", 1},
        {3, "gpm_sm_occupancy", 1},
        {4, "gpm_integer_utilization", 1},
        {5, "gpm_tensor_utilization", 1},
        {10, "gpm_memory_bandwidth_utilization", 1},
        {11, "gpm_fp64_utilization", 1},
        {12, "gpm_fp32_utilization", 1},
        {13, "gpm_fp16_utilization", 1},
        {20, "gpm_pcie_transmit", MIB},
        {21, "gpm_pcie_receive", MIB},
        {60, "gpm_nvlink_receive", MIB},
        {61, "gpm_nvlink_transmit", MIB},
};

enum { COUNT = sizeof METRICS / sizeof *METRICS };

typedef struct sample {
    uint64_t canary;
    device_t device;
    double taken;
} *sample_t;

struct metric {
    unsigned id;
    int code;
    double value;
    char *texts[3];
};

struct metrics_get {
    unsigned version, count;
    sample_t before, after;
    struct metric metrics[];
};

static atomic_int inside;

static void fail(const char *what) {
    fprintf(stderr, "GPM: %s\n", what);
    abort();
}

static void enter_gpm(void) {
    if (atomic_fetch_add(&inside, 1)) fail("concurrent calls");
}

static int leave_gpm(int code) {
    atomic_fetch_sub(&inside, 1);
    return code;
}

static void check(sample_t sample) {
    if (!sample || sample->canary != ALIVE) fail("not a sample");
}

static bool has_gpm(long index) {
    for (int i = 0; i < COUNT; i++) {
        if (scenario_mentions("device", index, METRICS[i].key)) return true;
    }
    return false;
}

static bool with_mig(long index) {
    const char *mig = scenario_value("device", index, "mig");
    return mig && !strcmp(mig, "on");
}

struct support {
    unsigned version, supported;
};

EXPORT int nvmlGpmQueryDeviceSupport(device_t device, struct support *support) {
    enter_gpm();
    int code = enter_device(__func__, device);
    if (code == SUCCESS && support->version != 1) code = ARGUMENT_VERSION_MISMATCH;
    if (code == SUCCESS) support->supported = has_gpm(device->index);
    return leave_gpm(leave(code));
}

EXPORT int nvmlGpmSampleAlloc(sample_t *sample) {
    enter_gpm();
    int code = enter_session(__func__);
    if (code == SUCCESS) {
        *sample = calloc(1, sizeof **sample);
        (*sample)->canary = ALIVE;
    }
    return leave_gpm(leave(code));
}

EXPORT int nvmlGpmSampleFree(sample_t sample) {
    enter_gpm();
    check(sample);
    enter_session(__func__);
    sample->canary = DEAD; /* keep the memory, so that a later use is detected */
    return leave_gpm(leave(SUCCESS));
}

EXPORT int nvmlGpmSampleGet(device_t device, sample_t sample) {
    enter_gpm();
    check(sample);
    int code = enter_device(__func__, device);
    if (code == SUCCESS && (!has_gpm(device->index) || with_mig(device->index))) code = NOT_SUPPORTED;
    if (code == SUCCESS) {
        sample->device = device;
        sample->taken = seconds_now();
    }
    return leave_gpm(leave(code));
}

EXPORT int nvmlGpmMetricsGet(struct metrics_get *get) {
    enter_gpm();
    check(get->before);
    check(get->after);
    device_t device = get->after->device;
    if (get->before->device != device || !device) fail("samples of two devices");
    if (get->after->taken - get->before->taken < 0.1) fail("samples less than 100 ms apart");
    int code = enter_device(__func__, device);
    if (code == SUCCESS && get->version != 1) code = ARGUMENT_VERSION_MISMATCH;
    for (unsigned m = 0; code == SUCCESS && m < get->count; m++) {
        struct metric *metric = &get->metrics[m];
        metric->code = NOT_SUPPORTED;
        for (int i = 0; i < COUNT; i++) {
            const char *value =
                    METRICS[i].id == metric->id ? scenario_value("device", device->index, METRICS[i].key) : NULL;
            if (!value) continue;
            metric->code = SUCCESS;
            metric->value = value_now(value) / METRICS[i].unit;
        }
    }
    return leave_gpm(leave(code));
}
