/*
 * Utilization samples per process, and energy. This file is included by nvml.c and uses its lock and handles.
 *
 * Keys of "library" statements:
 *   util_ring=on       returns more samples than requested, as drivers do with their ring buffer: samples 30 s old, also of pid 999999,
 *                      and samples without a timestamp, in no particular order
 *   util_needed=N      returns INSUFFICIENT_SIZE and N if the capacity is smaller
 *   util_clock=boot    timestamps count from boot; by default they are the time of day
 *   util_step=SECONDS  sets that clock forward by this much (backward if negative)
 */

/* The keys for a process's utilization of each engine, in percent. */
static const char *const ENGINES[] = {"sm", "memory_util", "encoder_util", "decoder_util"};

struct percents {
    uint32_t of[4];
};

struct sample {
    uint64_t micros;
    uint32_t pid;
    struct percents busy;
};

struct ring {
    struct sample samples[512];
    unsigned count;
};

static void put_sample(struct ring *ring, uint64_t micros, long pid, struct percents busy) {
    if (ring->count == sizeof ring->samples / sizeof *ring->samples) abort();
    ring->samples[ring->count++] = (struct sample){micros, (uint32_t) pid, busy};
}

static struct percents all_at(uint32_t percent) {
    return (struct percents){{percent, percent, percent, percent}};
}

static struct percents percents_of(const struct line *line) {
    struct percents busy = all_at(0);
    for (int engine = 0; engine < 4; engine++) {
        const char *percent = line_value(line, ENGINES[engine]);
        if (percent) busy.of[engine] = (uint32_t) (int64_t) (value_now(percent) + 0.5);
    }
    return busy;
}

static bool has_engines(long index) {
    bool found = false;
    for (int engine = 0; engine < 4; engine++) found |= scenario_mentions("proc", index, ENGINES[engine]);
    return found;
}

static uint64_t sample_clock(void) {
    const char *clock = scenario_value("library", ANY_INDEX, "util_clock");
    struct timespec now;
    clock_gettime(clock && !strcmp(clock, "boot") ? CLOCK_BOOTTIME : CLOCK_REALTIME, &now);
    return (uint64_t) ((now.tv_sec + library_number("util_step", 0)) * 1000000 + now.tv_nsec / 1000);
}

/* Adds samples of the busy processes, and the samples that util_ring requests. */
static void fill_ring(struct ring *ring, long index, uint64_t since) {
    uint64_t now = sample_clock();
    bool all = scenario_value("library", ANY_INDEX, "util_ring") != NULL;
    if (all) put_sample(ring, now - 30000000, 999999, all_at(99));
    const struct line *line = NULL;
    while ((line = scenario_next(line, "proc"))) {
        struct percents busy = percents_of(line);
        if (line->index != index || !(busy.of[0] || busy.of[1] || busy.of[2] || busy.of[3])) continue;
        long pid = number_of(line, "pid", 0);
        if (now > since) put_sample(ring, now, pid, busy);
        if (all) put_sample(ring, 0, pid, all_at(98));
        if (all) put_sample(ring, now - 30000000, pid, all_at(97));
    }
}

/* Returns SUCCESS with the samples in the ring and their number in *count; otherwise MUTE or an error. */
static int utilization(const char *function, device_t device, uint64_t since, unsigned *count, struct ring *ring) {
    int code = enter_device(function, device);
    if (code != SUCCESS) return code;
    if (!has_engines(device->index) || mig_on(device->index)) return NOT_SUPPORTED;
    unsigned capacity = *count;
    long needed = library_number("util_needed", 0);
    fill_ring(ring, device->index, since);
    *count = needed > (long) ring->count ? (unsigned) needed : ring->count;
    if (*count > capacity) return INSUFFICIENT_SIZE;
    *count = ring->count;
    return ring->count ? SUCCESS : NOT_FOUND;
}

struct process_sample {
    uint32_t pid;
    uint64_t micros;
    struct percents busy;
};

EXPORT int nvmlDeviceGetProcessUtilization(
        device_t device, struct process_sample *samples, unsigned *count, unsigned long long since) {
    struct ring ring = {.count = 0};
    int code = utilization(__func__, device, since, count, &ring);
    for (unsigned i = 0; code == SUCCESS && i < ring.count; i++) {
        samples[i] = (struct process_sample){ring.samples[i].pid, ring.samples[i].micros, ring.samples[i].busy};
    }
    return leave(code);
}

struct process_info {
    uint64_t micros;
    uint32_t pid;
    struct percents busy;
    uint32_t jpeg, optical_flow;
};

struct processes_info {
    unsigned version, count;
    uint64_t since;
    struct process_info *samples;
};

EXPORT int nvmlDeviceGetProcessesUtilizationInfo(device_t device, struct processes_info *info) {
    struct ring ring = {.count = 0};
    bool version_ok = info->version == (sizeof *info | 1 << 24);
    int code = utilization(__func__, device, info->since, &info->count, &ring);
    if (code != MUTE && !version_ok) code = ARGUMENT_VERSION_MISMATCH;
    for (unsigned i = 0; code == SUCCESS && i < ring.count; i++) {
        info->samples[i] = (struct process_info){ring.samples[i].micros, ring.samples[i].pid, ring.samples[i].busy, 0, 0};
    }
    return leave(code);
}

EXPORT int nvmlDeviceGetTotalEnergyConsumption(device_t device, unsigned long long *millijoules) {
    int code = enter_device(__func__, device);
    const char *energy = scenario_value("device", device->index, "energy");
    const char *reset = scenario_value("device", device->index, "energy_reset");
    if (code == SUCCESS && !energy && !scenario_value("device", device->index, "power")) code = NOT_SUPPORTED;
    if (code == SUCCESS) {
        bool was_reset = reset && scenario_time() >= value_seconds(reset);
        double base = energy && !was_reset ? value_now(energy) : 0;
        double used = scenario_integral("device", device->index, "power", was_reset ? value_seconds(reset) : 0);
        *millijoules = (unsigned long long) ((base + used) * 1000);
    }
    return leave(code);
}
