/*
 * Functions that return numbers, from the keys of "device" statements. A key is the metric's name, followed by the
 * values of its labels, separated by dots. If a function returns several numbers, those without a key are 0. If no
 * number has a key, the function is not supported.
 */
#include "fake.h"
#include "scenario.h"

#include <stdio.h>
#include <string.h>

typedef unsigned long long u64;

static const char *value_of(device_t device, const char *key) {
    return scenario_value("device", device->index, key);
}

static int put_long(int code, device_t device, const char *key, double scale, u64 *out) {
    const char *value = value_of(device, key);
    if (code == SUCCESS && !value) code = NOT_SUPPORTED;
    if (code == SUCCESS) *out = (u64) (value_now(value) * scale + 0.5);
    return code;
}

struct item {
    const char *key;
    double scale;
    unsigned *out;
};

static int put_items(int code, device_t device, const struct item *items) {
    bool any = false;
    for (const struct item *item = items; item->key; item++) any |= value_of(device, item->key) != NULL;
    if (code == SUCCESS && !any) code = NOT_SUPPORTED;
    for (const struct item *item = items; code == SUCCESS && item->key; item++) {
        *item->out = 0;
        put_number(SUCCESS, device, item->key, item->scale, item->out);
    }
    return code;
}

/* Also used for a structure that contains only one number. */
#define NUMBER(NAME, KEY, SCALE)                                                                                   \
    EXPORT int NAME(device_t device, unsigned *out) {                                                              \
        return leave(put_number(enter_device(__func__, device), device, KEY, SCALE, out));                         \
    }

NUMBER(nvmlDeviceGetPerformanceState, "performance_state", 1)
NUMBER(nvmlDeviceGetPowerManagementDefaultLimit, "power_limit_default", 1000)
NUMBER(nvmlDeviceGetFanSpeed, "fan_speed.0", 1)
NUMBER(nvmlDeviceGetCurrPcieLinkGeneration, "pcie_link_generation", 1)
NUMBER(nvmlDeviceGetCurrPcieLinkWidth, "pcie_link_width", 1)
NUMBER(nvmlDeviceGetMaxPcieLinkGeneration, "pcie_link_max_generation", 1)
NUMBER(nvmlDeviceGetMaxPcieLinkWidth, "pcie_link_max_width", 1)
NUMBER(nvmlDeviceGetPcieReplayCounter, "pcie_replays", 1)
NUMBER(nvmlDeviceGetRetiredPagesPendingStatus, "retired_pages_pending", 1)
NUMBER(nvmlDeviceGetComputeMode, "compute_mode", 1)
NUMBER(nvmlDeviceGetPersistenceMode, "persistence_mode", 1)
NUMBER(nvmlDeviceGetPowerManagementLimit, "power_limit_set", 1000)
NUMBER(nvmlDeviceGetGpuMaxPcieLinkGeneration, "pcie_link_gpu_max_generation", 1)
NUMBER(nvmlDeviceGetDisplayActive, "display_active", 1)
NUMBER(nvmlDeviceGetC2cModeInfoV, "c2c_mode", 1)

/* The second number is a sampling period or a pending mode, which the agent does not use. */
#define FIRST(NAME, KEY)                                                                                           \
    EXPORT int NAME(device_t device, unsigned *out, unsigned *second) {                                            \
        int code = put_number(enter_device(__func__, device), device, KEY, 1, out);                                \
        if (code == SUCCESS) *second = 166667;                                                                     \
        return leave(code);                                                                                        \
    }

FIRST(nvmlDeviceGetEncoderUtilization, "encoder_utilization")
FIRST(nvmlDeviceGetDecoderUtilization, "decoder_utilization")
FIRST(nvmlDeviceGetJpgUtilization, "jpeg_utilization")
FIRST(nvmlDeviceGetOfaUtilization, "ofa_utilization")
FIRST(nvmlDeviceGetGspFirmwareMode, "gsp_firmware_mode")

static const char *const DOMAINS[] = {"graphics", "sm", "memory", "video", NULL};
static const char *const THRESHOLDS[] = {"shutdown", "slowdown", "memory_max", "gpu_max", NULL};
static const char *const POLICIES[] = {
        "power", "thermal", "sync_boost", "board_limit", "low_utilization", "reliability", NULL};
static const char *const SEVERITIES[] = {"corrected", "uncorrected", NULL};
static const char *const SCOPES[] = {"volatile", "aggregate", NULL};
static const char *const LOCATIONS[] = {
        "l1_cache", "l2_cache", "dram", "register_file", "texture_memory", "texture_shm", "cbu", "sram", NULL};
static const char *const CAUSES[] = {"multiple_single_bit_errors", "double_bit_error", NULL};
static const char *const LINK_ERRORS[] = {"replay", "recovery", "crc_flit", "crc_data", NULL};
static const char *const REASONS[] = {
        "gpu_idle",
        "applications_clocks_setting",
        "sw_power_cap",
        "hw_slowdown",
        "sync_boost",
        "sw_thermal_slowdown",
        "hw_thermal_slowdown",
        "hw_power_brake_slowdown",
        "display_clock_setting",
        NULL};

static const char *name_of(const char *const *names, unsigned code) {
    while (*names && code) names++, code--;
    return *names;
}

/* The key for the name with this code, or NULL if there is none. */
static const char *key_of(const char *stem, const char *const *names, unsigned code) {
    static __thread char key[96];
    const char *name = name_of(names, code);
    if (!name) return NULL;
    snprintf(key, sizeof key, "%s.%s", stem, name);
    return key;
}

#define CHOICE(NAME, STEM, NAMES)                                                                                  \
    EXPORT int NAME(device_t device, unsigned code, unsigned *out) {                                               \
        int answer = enter_device(__func__, device);                                                               \
        const char *key = key_of(STEM, NAMES, code);                                                               \
        return leave(key || answer ? put_number(answer, device, key, 1, out) : INVALID_ARGUMENT);                  \
    }

CHOICE(nvmlDeviceGetClockInfo, "clock", DOMAINS)
CHOICE(nvmlDeviceGetMaxClockInfo, "clock_max", DOMAINS)
CHOICE(nvmlDeviceGetTemperatureThreshold, "temperature_threshold", THRESHOLDS)

/*
 * If a device has no key for index 0, the function is not supported. Any other index without a key is an invalid
 * argument.
 */
#define NUMBERED(NAME, STEM)                                                                                       \
    EXPORT int NAME(device_t device, unsigned number, unsigned *out) {                                             \
        char key[96];                                                                                              \
        snprintf(key, sizeof key, STEM ".%u", number);                                                             \
        int code = put_number(enter_device(__func__, device), device, key, 1, out);                                \
        return leave(code == NOT_SUPPORTED && number ? INVALID_ARGUMENT : code);                                   \
    }

NUMBERED(nvmlDeviceGetFanSpeed_v2, "fan_speed")
NUMBERED(nvmlDeviceGetNvLinkState, "nvlink_up")

EXPORT int nvmlDeviceGetNvLinkErrorCounter(device_t device, unsigned link, unsigned error, u64 *count) {
    int code = enter_device(__func__, device);
    const char *name = name_of(LINK_ERRORS, error);
    char key[96];
    snprintf(key, sizeof key, "nvlink_errors.%u.%s", link, name ? name : "");
    return leave(put_long(code, device, key, 1, count));
}

static int reasons(int code, device_t device, u64 *mask) {
    u64 found = 0;
    bool any = false;
    for (unsigned bit = 0; REASONS[bit]; bit++) {
        const char *value = value_of(device, key_of("clock_event_active", REASONS, bit));
        if (value && value_now(value)) found |= 1ull << bit;
        any |= value != NULL;
    }
    const char *unknown = value_of(device, "clock_event_active.unknown");
    if (unknown && value_now(unknown)) found |= 1ull << 63;
    if (code == SUCCESS && !any && !unknown) code = NOT_SUPPORTED;
    if (code == SUCCESS) *mask = found;
    return leave(code);
}

EXPORT int nvmlDeviceGetCurrentClocksEventReasons(device_t device, u64 *mask) {
    return reasons(enter_device(__func__, device), device, mask);
}

EXPORT int nvmlDeviceGetCurrentClocksThrottleReasons(device_t device, u64 *mask) {
    return reasons(enter_device(__func__, device), device, mask);
}

struct violation {
    u64 reference, nanoseconds;
};

EXPORT int nvmlDeviceGetViolationStatus(device_t device, unsigned policy, struct violation *time) {
    int code = enter_device(__func__, device);
    const char *key = key_of("clock_violation", POLICIES, policy);
    if (code == SUCCESS && !key) code = INVALID_ARGUMENT;
    return leave(put_long(code, device, key, 1e9, &time->nanoseconds));
}

struct margin {
    unsigned version, degrees;
};

EXPORT int nvmlDeviceGetMarginTemperature(device_t device, struct margin *margin) {
    int code = enter_device(__func__, device);
    if (code == SUCCESS && margin->version != (sizeof *margin | 1 << 24)) code = ARGUMENT_VERSION_MISMATCH;
    return leave(put_number(code, device, "temperature_margin", 1, &margin->degrees));
}

EXPORT int nvmlDeviceGetEncoderStats(device_t device, unsigned *sessions, unsigned *frames, unsigned *latency) {
    const struct item items[] = {
            {"encoder_sessions", 1, sessions},
            {"encoder_frame_rate", 1, frames},
            {"encoder_latency", 1e6, latency},
            {NULL}};
    return leave(put_items(enter_device(__func__, device), device, items));
}

EXPORT int nvmlDeviceGetPowerManagementLimitConstraints(device_t device, unsigned *least, unsigned *most) {
    const struct item items[] = {{"power_limit_min", 1000, least}, {"power_limit_max", 1000, most}, {NULL}};
    return leave(put_items(enter_device(__func__, device), device, items));
}

EXPORT int nvmlDeviceGetEccMode(device_t device, unsigned *current, unsigned *pending) {
    const struct item items[] = {{"ecc_mode", 1, current}, {"ecc_mode_pending", 1, pending}, {NULL}};
    return leave(put_items(enter_device(__func__, device), device, items));
}

EXPORT int nvmlDeviceGetRemappedRows(device_t device, unsigned *corrected, unsigned *uncorrected, unsigned *pending,
        unsigned *failed) {
    const struct item items[] = {
            {"remapped_rows.corrected", 1, corrected},
            {"remapped_rows.uncorrected", 1, uncorrected},
            {"row_remapping_pending", 1, pending},
            {"row_remapping_failed", 1, failed},
            {NULL}};
    return leave(put_items(enter_device(__func__, device), device, items));
}

EXPORT int nvmlDeviceGetRowRemapperHistogram(device_t device, unsigned banks[5]) {
    const struct item items[] = {
            {"row_remapper_banks.max", 1, banks},
            {"row_remapper_banks.high", 1, banks + 1},
            {"row_remapper_banks.partial", 1, banks + 2},
            {"row_remapper_banks.low", 1, banks + 3},
            {"row_remapper_banks.none", 1, banks + 4},
            {NULL}};
    return leave(put_items(enter_device(__func__, device), device, items));
}

EXPORT int nvmlDeviceGetPcieThroughput(device_t device, unsigned counter, unsigned *kilobytes) {
    const char *key = counter ? "pcie_receive" : "pcie_transmit";
    return leave(put_number(enter_device(__func__, device), device, key, 1 / 1024.0, kilobytes));
}

EXPORT int nvmlDeviceGetMemoryErrorCounter(device_t device, unsigned severity, unsigned scope, unsigned location,
        u64 *count) {
    int code = enter_device(__func__, device);
    const char *names[] = {name_of(SEVERITIES, severity), name_of(SCOPES, scope), name_of(LOCATIONS, location)};
    if (!names[0] || !names[1] || !names[2]) return leave(INVALID_ARGUMENT);
    char key[96];
    snprintf(key, sizeof key, "ecc_errors.%s.%s.%s", names[0], names[1], names[2]);
    return leave(put_long(code, device, key, 1, count));
}

EXPORT int nvmlDeviceGetTotalEccErrors(device_t device, unsigned severity, unsigned scope, u64 *count) {
    int code = enter_device(__func__, device);
    const char *names[] = {name_of(SEVERITIES, severity), name_of(SCOPES, scope)};
    if (!names[0] || !names[1]) return leave(INVALID_ARGUMENT);
    char key[96];
    snprintf(key, sizeof key, "ecc_device_errors.%s.%s", names[0], names[1]);
    return leave(put_long(code, device, key, 1, count));
}

struct sram {
    unsigned version;
    u64 counts[11];
    unsigned exceeded;
};

/* The keys in the order of the structure. The corrected counts, at 2 and 5, are not simulated. */
static const char *const SRAM[] = {"ecc_sram_errors.aggregate.parity", "ecc_sram_errors.aggregate.secded", "",
        "ecc_sram_errors.volatile.parity", "ecc_sram_errors.volatile.secded", "", "ecc_sram_unit_errors.l2",
        "ecc_sram_unit_errors.sm", "ecc_sram_unit_errors.pcie", "ecc_sram_unit_errors.mcu", "ecc_sram_unit_errors.other"};

EXPORT int nvmlDeviceGetSramEccErrorStatus(device_t device, struct sram *sram) {
    int code = enter_device(__func__, device);
    if (code == SUCCESS && sram->version != (sizeof *sram | 1 << 24)) code = ARGUMENT_VERSION_MISMATCH;
    code = put_number(code, device, "ecc_sram_threshold_exceeded", 1, &sram->exceeded);
    for (int i = 0; code == SUCCESS && i < 11; i++) {
        if (put_long(SUCCESS, device, SRAM[i], 1, &sram->counts[i])) sram->counts[i] = 0;
    }
    return leave(code);
}

EXPORT int nvmlDeviceGetRetiredPages(device_t device, unsigned cause, unsigned *count, u64 *addresses) {
    int code = enter_device(__func__, device);
    unsigned room = *count;
    const char *key = key_of("retired_pages", CAUSES, cause);
    if (code == SUCCESS && (!key || (room && !addresses))) code = INVALID_ARGUMENT;
    code = put_number(code, device, key, 1, count);
    return leave(code == SUCCESS && *count > room ? INSUFFICIENT_SIZE : code);
}

struct window {
    u64 total, free, used;
};

#define WINDOW(NAME, STEM)                                                                                         \
    EXPORT int NAME(device_t device, struct window *window) {                                                      \
        int code = put_long(enter_device(__func__, device), device, STEM "_total", 1, &window->total);             \
        if (code == SUCCESS && put_long(SUCCESS, device, STEM "_used", 1, &window->used)) window->used = 0;        \
        if (code == SUCCESS) window->free = window->total - window->used;                                          \
        return leave(code);                                                                                        \
    }

WINDOW(nvmlDeviceGetBAR1MemoryInfo, "bar1_memory")
WINDOW(nvmlDeviceGetConfComputeProtectedMemoryUsage, "protected_memory")

struct feature {
    unsigned code, state;
    char license[128], product[128];
    unsigned enabled, expiry[4];
};

struct features {
    int supported;
    unsigned count;
    struct feature features[3];
};

EXPORT int nvmlDeviceGetGridLicensableFeatures_v4(device_t device, struct features *features) {
    int code = enter_device(__func__, device);
    code = put_number(code, device, "vgpu_licensed", 1, &features->features[1].state);
    if (code == SUCCESS) {
        features->supported = 1;
        features->count = 2;
        features->features[0].state = 0;
    }
    return leave(code);
}

struct fabric {
    unsigned version;
    unsigned char cluster[16];
    unsigned status, clique;
    unsigned char state;
    unsigned health;
};

/* "library fabric_version=2" rejects version 3 of the structure, as libraries before R570 do. */
EXPORT int nvmlDeviceGetGpuFabricInfoV(device_t device, struct fabric *fabric) {
    int code = enter_device(__func__, device);
    unsigned state, version = scenario_value("library", ANY_INDEX, "fabric_version") ? 36 | 2 << 24 : 40 | 3 << 24;
    if (code == SUCCESS && fabric->version != version) code = ARGUMENT_VERSION_MISMATCH;
    code = put_number(code, device, "fabric_state", 1, &state);
    if (code == SUCCESS) fabric->state = (unsigned char) state;
    if (code == SUCCESS && put_number(SUCCESS, device, "fabric_status", 1, &fabric->status)) fabric->status = 0;
    return leave(code);
}

struct fabric_v1 {
    unsigned char cluster[16];
    unsigned status, clique;
    unsigned char state;
};

EXPORT int nvmlDeviceGetGpuFabricInfo(device_t device, struct fabric_v1 *fabric) {
    unsigned state;
    int code = put_number(enter_device(__func__, device), device, "fabric_state", 1, &state);
    if (code == SUCCESS) fabric->state = (unsigned char) state;
    if (code == SUCCESS && put_number(SUCCESS, device, "fabric_status", 1, &fabric->status)) fabric->status = 0;
    return leave(code);
}
