/*
 * A stand-in for libnvidia-ml.so.1 that plays a scenario (gpu-core/SCENARIO.md). Its structures have NVML's ABI on
 * 64-bit Linux. It lacks the functions that change a device, so calling one ends the process.
 *
 * The scenario is the file named by the environment variable GPUAGENT_FAKE_NVML_SCENARIO, otherwise the file "scenario"
 * in the directory of this library. It is read again whenever it changes; replace the file, do not write into it.
 * Without a file there are no devices.
 *
 * Keys of "library" statements:
 *   restart=TEXT       a new text restarts the scenario's time
 *   reload=TEXT        a new text ends the session, like a reload of the kernel module: every call returns UNINITIALIZED until
 *                      the library has been shut down and initialized again
 *   log=on             appends the name of every call and the device's index, with "/slot" for a MIG instance, to the file "calls"
 *                      in the scenario's directory
 *   stride=N           size of the list entries of the unsuffixed functions, in bytes (default 16)
 *   stride_v2=N, stride_v3=N   the same for the suffixed functions (defaults: 24, and the size that the variant was built with)
 *   fill=zero          clears the whole buffer before writing a list
 *   over=N             returns SUCCESS for every list, with a count that exceeds the capacity by N
 *   needed=N           returns INSUFFICIENT_SIZE and this count for every list; with "more", the count is the capacity plus one
 *   mute=FUNCTION      the function returns SUCCESS but writes nothing
 *   nvml_version=TEXT  the version of NVML; by default "13." followed by the driver's version, or by a version of R590 if there is none
 *   instances=always   writes gi and ci even if MIG is off (0 if a process has none)
 * A "fault" statement may name a function instead of a capability:
 *   call=FUNCTION      NVML's name without "_v2" or "_v3" for all its versions, or the name of one version
 *                      (nvmlDeviceGetMemoryInfo_v2)
 *   exact=on           with "call": the fault concerns only this version
 *   slot=N, slot=*     with "call": the fault concerns calls for the MIG instance in this slot and the call that opens it, not calls for the board
 *
 * A stale or invalid handle is an error of the caller and aborts the process. If another MIG instance takes a slot, the handle
 * of the earlier one refers to it (nvml.h: "Handles may be reused and their properties can change in the process").
 */
#define _GNU_SOURCE
#include "fake.h"
#include "scenario.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef STRIDE_V3
#define STRIDE_V3 24
#endif

static const double HANG_POLL = 0.01;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int references;
static bool ended;
static char *reload;
static struct handle *handles;

static const char *path_beside(const char *name) {
    static __thread char path[4096];
    const char *scenario = getenv("GPUAGENT_FAKE_NVML_SCENARIO");
    Dl_info self;
    if (!scenario && dladdr(&lock, &self)) scenario = self.dli_fname;
    const char *slash = scenario ? strrchr(scenario, '/') : NULL;
    snprintf(path, sizeof path, "%.*s/%s", slash ? (int) (slash - scenario) : 1, slash ? scenario : ".", name);
    return path;
}

static void refresh(void) {
    const char *given = getenv("GPUAGENT_FAKE_NVML_SCENARIO");
    scenario_refresh(given ? given : path_beside("scenario"));
    const char *now = scenario_value("library", ANY_INDEX, "reload");
    if (now && (!reload || strcmp(now, reload))) {
        ended = references > 0;
        free(reload);
        reload = strdup(now);
    }
}

void doze(double seconds) {
    struct timespec time = {(time_t) seconds, (long) ((seconds - (time_t) seconds) * 1e9)};
    pthread_mutex_unlock(&lock);
    nanosleep(&time, NULL);
    pthread_mutex_lock(&lock);
    refresh();
}

int session_ended(void) {
    return references == 0 || ended;
}

static void log_call(const char *function, long index, long slot) {
    const char *on = scenario_value("library", ANY_INDEX, "log");
    if (!on || strcmp(on, "on")) return;
    int file = open(path_beside("calls"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) return;
    if (slot == NO_SLOT) dprintf(file, "%s %ld\n", function, index);
    else dprintf(file, "%s %ld/%ld\n", function, index, slot);
    close(file);
}

static bool names(const char *fault, const char *function) {
    size_t length = strlen(fault);
    if (strncmp(fault, function, length)) return false;
    const char *rest = function + length;
    return !*rest || !strcmp(rest, "V") || (rest[0] == '_' && rest[1] == 'v');
}

/* The functions that fail for each capability of "fault" statements. */
static const struct {
    const char *capability, *function;
} capabilities[] = {
    {"enumeration", "nvmlDeviceGetCount"},
    {"device", "nvmlDeviceGetMemoryInfo"}, /* the first call of a read */
    {"memory", "nvmlDeviceGetMemoryInfo"},
    {"processes", "nvmlDeviceGetComputeRunningProcesses"},
    {"processes", "nvmlDeviceGetGraphicsRunningProcesses"},
    {"processes", "nvmlDeviceGetMPSComputeRunningProcesses"},
    {"utilization", "nvmlDeviceGetProcessesUtilizationInfo"},
    {"utilization", "nvmlDeviceGetProcessUtilization"},
    {"energy", "nvmlDeviceGetTotalEnergyConsumption"},
    {"accounting", "nvmlDeviceGetAccountingMode"},
    {"accounting", "nvmlDeviceGetAccountingStats"},
    {"events", "nvmlDeviceRegisterEvents"},
    {"events", "nvmlEventSetWait"},
    {"readings/util", "nvmlDeviceGetUtilizationRates"},
    {"readings/mem_util", "nvmlDeviceGetUtilizationRates"},
    {"readings/temp", "nvmlDeviceGetTemperature"},
    {"readings/power", "nvmlDeviceGetPowerUsage"},
    {"readings/power_limit", "nvmlDeviceGetEnforcedPowerLimit"},
    {NULL, NULL}};

static bool concerns_capability(const struct line *fault, const char *function) {
    const char *capability = line_value(fault, "of");
    if (!capability) return false;
    /*
     * A fault of the capability "device" without a code, such as a hang, does not prevent the device from being
     * opened.
     */
    if (!strcmp(capability, "device") && line_value(fault, "code") && names("nvmlDeviceGetHandleByIndex", function)) return true;
    bool known = false;
    for (int i = 0; capabilities[i].capability; i++) {
        if (strcmp(capabilities[i].capability, capability)) continue;
        if (names(capabilities[i].function, function)) return true;
        known = true;
    }
    if (!known) {
        fprintf(stderr, "fake-nvml: no function is known for the capability %s\n", capability);
        abort();
    }
    return false;
}

static bool concerns_slot(const struct line *fault, long slot) {
    const char *chosen = line_value(fault, "slot");
    if (!chosen || slot == NO_SLOT) return !chosen && slot == NO_SLOT;
    return !strcmp(chosen, "*") || strtol(chosen, NULL, 10) == slot;
}

/*
 * The "fault" statement that applies to a call. A statement for the device takes precedence over one for all
 * devices.
 */
static const struct line *fault_of(const char *function, long index, long slot) {
    const struct line *line = NULL, *found = NULL;
    while ((line = scenario_next(line, "fault"))) {
        const char *call = line_value(line, "call");
        bool named = call && (line_value(line, "exact") ? !strcmp(call, function) : names(call, function));
        bool applies = call ? named && concerns_slot(line, slot) : concerns_capability(line, function);
        if (applies && (line->index == ANY_INDEX || line->index == index)) {
            if (!found || line->index != ANY_INDEX) found = line;
        }
    }
    return found;
}

/*
 * Takes the lock and applies the scenario's faults to the call. If it returns SUCCESS, the function continues. Every
 * call must be followed by leave().
 */
static int enter_slot(const char *function, long index, long slot) {
    pthread_mutex_lock(&lock);
    refresh();
    log_call(function, index, slot);
    const struct line *fault;
    while ((fault = fault_of(function, index, slot)) && line_value(fault, "hang")) doze(HANG_POLL);
    const char *delay = fault ? line_value(fault, "delay") : NULL;
    const char *code = fault ? line_value(fault, "code") : NULL;
    int result = code ? atoi(code) : SUCCESS;
    if (delay) doze(value_seconds(delay));
    const char *mute = scenario_value("library", ANY_INDEX, "mute");
    return result == SUCCESS && mute && names(mute, function) ? MUTE : result;
}

static int enter(const char *function, long index) {
    return enter_slot(function, index, NO_SLOT);
}

int leave(int code) {
    pthread_mutex_unlock(&lock);
    return code == MUTE ? SUCCESS : code;
}

int enter_session(const char *function) {
    int code = enter(function, ANY_INDEX);
    return code == SUCCESS && session_ended() ? UNINITIALIZED : code;
}

static bool mig_on(long index) {
    const char *mig = scenario_value("device", index, "mig");
    return mig && !strcmp(mig, "on");
}

static long number_of(const struct line *line, const char *key, long fallback) {
    const char *value = line_value(line, key);
    return value ? strtol(value, NULL, 10) : fallback;
}

/* The statement of the MIG instance in a slot, or NULL. */
static const struct line *instance_in(long index, long slot) {
    const struct line *line = NULL, *found = NULL;
    while (mig_on(index) && (line = scenario_next(line, "instance"))) {
        if (line->index == index && number_of(line, "slot", NO_SLOT) == slot) found = line;
    }
    return found;
}

/* Like enter_device(), for functions that MIG instances support as well. */
static int enter_any(const char *function, device_t device) {
    if (!device || device->canary != ALIVE) {
        fprintf(stderr, "%s: %s handle\n", function, device && device->canary == DEAD ? "a stale" : "not a");
        abort();
    }
    int code = enter_slot(function, device->index, device->slot);
    if (code != SUCCESS) return code;
    if (session_ended()) return UNINITIALIZED;
    const char *uuid = scenario_value("device", device->index, "uuid");
    bool there = uuid && !strcmp(uuid, device->uuid);
    return there && (device->slot == NO_SLOT || instance_in(device->index, device->slot)) ? SUCCESS : INVALID_ARGUMENT;
}

int enter_device(const char *function, device_t device) {
    int code = enter_any(function, device);
    return code == SUCCESS && device->slot != NO_SLOT ? NOT_SUPPORTED : code;
}

EXPORT int nvmlInit_v2(void) {
    int code = enter(__func__, ANY_INDEX);
    const char *driver = scenario_value("driver", ANY_INDEX, "code");
    if (code == SUCCESS && driver) code = atoi(driver);
    if (code == SUCCESS) references++;
    return leave(code);
}

EXPORT int nvmlShutdown(void) {
    int code = enter(__func__, ANY_INDEX);
    if (code == SUCCESS && references == 0) code = UNINITIALIZED;
    if (code == SUCCESS && --references == 0) {
        end_events();
        for (struct handle *handle = handles; handle; handle = handle->next) handle->canary = DEAD;
        handles = NULL;
        ended = false;
    }
    return leave(code);
}

static int put_text(char *out, unsigned size, const char *text) {
    if (strlen(text) >= size) return INSUFFICIENT_SIZE;
    strcpy(out, text);
    return SUCCESS;
}

EXPORT int nvmlSystemGetDriverVersion(char *version, unsigned size) {
    int code = enter_session(__func__);
    const char *text = scenario_value("driver", ANY_INDEX, "version");
    return leave(code ? code : put_text(version, size, text ? text : "0.0"));
}

/* Does not require a session. */
EXPORT int nvmlSystemGetNVMLVersion(char *version, unsigned size) {
    int code = enter(__func__, ANY_INDEX);
    const char *driver = scenario_value("driver", ANY_INDEX, "version");
    const char *given = scenario_value("library", ANY_INDEX, "nvml_version");
    char text[96];
    snprintf(text, sizeof text, given ? "%s" : "13.%s", given ? given : driver && strcmp(driver, "1") ? driver : "590.44.01");
    return leave(code ? code : put_text(version, size, text));
}

/* The index of the device at a position, or -1. */
static long device_at(unsigned position) {
    for (long index = 0; index < 64; index++) {
        if (scenario_value("device", index, "uuid") && position-- == 0) return index;
    }
    return -1;
}

EXPORT int nvmlDeviceGetCount_v2(unsigned *count) {
    int code = enter_session(__func__);
    if (code == SUCCESS) {
        for (*count = 0; device_at(*count) >= 0;) ++*count;
    }
    return leave(code);
}

static device_t handle_of(long index, long slot) {
    const char *uuid = scenario_value("device", index, "uuid");
    for (struct handle *handle = handles; handle; handle = handle->next) {
        if (handle->index == index && handle->slot == slot && !strcmp(handle->uuid, uuid)) return handle;
    }
    struct handle *handle = calloc(1, sizeof *handle);
    *handle = (struct handle){.canary = ALIVE, .index = index, .slot = slot, .next = handles};
    snprintf(handle->uuid, sizeof handle->uuid, "%s", uuid);
    handles = handle;
    return handle;
}

EXPORT int nvmlDeviceGetHandleByIndex_v2(unsigned position, device_t *device) {
    pthread_mutex_lock(&lock);
    refresh();
    long index = device_at(position);
    pthread_mutex_unlock(&lock);
    int code = enter(__func__, index);
    if (code == SUCCESS && session_ended()) code = UNINITIALIZED;
    if (code == SUCCESS && index < 0) code = INVALID_ARGUMENT;
    if (code == SUCCESS) *device = handle_of(index, NO_SLOT);
    return leave(code);
}

EXPORT int nvmlDeviceGetUUID(device_t device, char *uuid, unsigned size) {
    int code = enter_any(__func__, device);
    const struct line *instance = instance_in(device->index, device->slot);
    return leave(code ? code : put_text(uuid, size, instance ? line_value(instance, "uuid") : device->uuid));
}

EXPORT int nvmlDeviceGetName(device_t device, char *name, unsigned size) {
    int code = enter_any(__func__, device);
    const char *model = scenario_value("device", device->index, "name");
    const struct line *instance = instance_in(device->index, device->slot);
    char text[256];
    snprintf(text, sizeof text, "%s%s%s", model ? model : "Simulated GPU", instance ? " MIG " : "",
            instance ? line_value(instance, "profile") : "");
    return leave(code ? code : put_text(name, size, text));
}

static int put_detail(int code, device_t device, const char *key, char *out, unsigned size) {
    const char *text = scenario_value("device", device->index, key);
    return code ? code : text ? put_text(out, size, text) : NOT_SUPPORTED;
}

EXPORT int nvmlDeviceGetVbiosVersion(device_t device, char *version, unsigned size) {
    return leave(put_detail(enter_device(__func__, device), device, "vbios_version", version, size));
}

EXPORT int nvmlDeviceGetInforomImageVersion(device_t device, char *version, unsigned size) {
    return leave(put_detail(enter_device(__func__, device), device, "inforom_version", version, size));
}

/* This function takes no device, so it uses the value of any device. */
EXPORT int nvmlSystemGetCudaDriverVersion(int *version) {
    int code = enter_session(__func__), major, minor;
    const char *text = scenario_value("device", ANY_INDEX, "cuda_version");
    if (code == SUCCESS && (!text || sscanf(text, "%d.%d", &major, &minor) != 2)) code = NOT_SUPPORTED;
    if (code == SUCCESS) *version = major * 1000 + minor * 10;
    return leave(code);
}

EXPORT int nvmlDeviceGetCudaComputeCapability(device_t device, int *major, int *minor) {
    int code = enter_device(__func__, device);
    const char *text = scenario_value("device", device->index, "compute_capability");
    if (code == SUCCESS && (!text || sscanf(text, "%d.%d", major, minor) != 2)) code = NOT_SUPPORTED;
    return leave(code);
}

struct addressing {
    unsigned version, mode;
};

EXPORT int nvmlDeviceGetAddressingMode(device_t device, struct addressing *addressing) {
    int code = enter_device(__func__, device);
    const char *mode = scenario_value("device", device->index, "addressing_mode");
    if (code == SUCCESS && addressing->version != (sizeof *addressing | 1 << 24)) code = ARGUMENT_VERSION_MISMATCH;
    if (code == SUCCESS && !mode) code = NOT_SUPPORTED;
    if (code == SUCCESS) addressing->mode = !strcmp(mode, "none") ? 0 : !strcmp(mode, "hmm") ? 1 : !strcmp(mode, "ats") ? 2 : 3;
    return leave(code);
}

struct pci_info {
    char legacy[16];
    unsigned domain, bus, device, id, subsystem;
    char bus_id[32];
};

EXPORT int nvmlDeviceGetPciInfo_v3(device_t device, struct pci_info *info) {
    int code = enter_device(__func__, device);
    if (code == SUCCESS) {
        const char *bus = scenario_value("device", device->index, "bus");
        memset(info, 0, sizeof *info);
        if (bus) snprintf(info->bus_id, sizeof info->bus_id, "%s", bus);
        else snprintf(info->bus_id, sizeof info->bus_id, "00000000:%02lX:00.0", device->index);
    }
    return leave(code);
}

EXPORT int nvmlDeviceGetMigMode(device_t device, unsigned *current, unsigned *pending) {
    int code = enter_device(__func__, device);
    if (code == SUCCESS && !scenario_value("device", device->index, "mig")) code = NOT_SUPPORTED;
    if (code == SUCCESS) *current = *pending = mig_on(device->index);
    return leave(code);
}

static uint64_t process_memory(const struct line *line) {
    const char *memory = line_value(line, "mem");
    return !memory || !strcmp(memory, "unknown") ? UINT64_MAX : (uint64_t) value_now(memory);
}

/* Whether two statements describe the same process on the same board or MIG instance. */
static bool same_process(const struct line *one, const struct line *other) {
    if (one->index != other->index || number_of(one, "pid", 0) != number_of(other, "pid", 0)) return false;
    return !mig_on(one->index) || (number_of(one, "gi", -1) == number_of(other, "gi", -1)
            && number_of(one, "ci", -1) == number_of(other, "ci", -1));
}

/*
 * The memory of a process on its board or instance: the maximum of its statements. Only the first statement of a
 * process has this value and the others 0, so that a sum counts the process once.
 */
static uint64_t held_memory(const struct line *line) {
    uint64_t max = 0;
    bool before = true;
    const struct line *other = NULL;
    while ((other = scenario_next(other, "proc"))) {
        if (other == line) before = false;
        if (!same_process(line, other)) continue;
        if (before) return 0;
        uint64_t memory = process_memory(other);
        if (memory != UINT64_MAX && memory > max) max = memory;
    }
    return max;
}

/* The value of a key of a board or MIG instance, or NULL. */
static const char *value_of(device_t device, const char *key) {
    const struct line *instance = instance_in(device->index, device->slot);
    if (device->slot == NO_SLOT) return scenario_value("device", device->index, key);
    return instance ? line_value(instance, key) : NULL;
}

static uint64_t used_memory(device_t device) {
    const char *used = value_of(device, "mem_used"), *other = value_of(device, "mem_other");
    if (used) return (uint64_t) value_now(used);
    uint64_t sum = other ? (uint64_t) value_now(other) : 0;
    const struct line *instance = instance_in(device->index, device->slot), *line = NULL;
    while ((line = scenario_next(line, "proc"))) {
        bool here = line->index == device->index;
        if (instance) here = here && number_of(line, "gi", -1) == number_of(instance, "gi", -1);
        if (here) sum += held_memory(line);
    }
    return sum;
}

struct memory {
    uint64_t total, free, used;
};

struct memory_v2 {
    unsigned version;
    uint64_t total, reserved, free, used;
};

static int read_memory(const char *function, device_t device, struct memory_v2 *memory, bool versioned) {
    int code = enter_any(function, device);
    const char *total = value_of(device, "mem_total"), *reserved = value_of(device, "mem_reserved");
    if (code == SUCCESS && versioned && memory->version != (sizeof *memory | 2 << 24)) code = ARGUMENT_VERSION_MISMATCH;
    if (code == SUCCESS && !total) code = NOT_SUPPORTED;
    if (code == SUCCESS) {
        memory->total = (uint64_t) value_now(total);
        memory->reserved = reserved ? (uint64_t) value_now(reserved) : 0;
        memory->used = used_memory(device);
        uint64_t taken = memory->used + memory->reserved;
        memory->free = taken < memory->total ? memory->total - taken : 0;
    }
    return code;
}

EXPORT int nvmlDeviceGetMemoryInfo_v2(device_t device, struct memory_v2 *memory) {
    return leave(read_memory(__func__, device, memory, true));
}

EXPORT int nvmlDeviceGetMemoryInfo(device_t device, struct memory *memory) {
    struct memory_v2 all = {0};
    int code = read_memory(__func__, device, &all, false);
    if (code == SUCCESS) *memory = (struct memory){all.total, all.free, all.used + all.reserved};
    return leave(code);
}

static long library_number(const char *key, long fallback) {
    const char *value = scenario_value("library", ANY_INDEX, key);
    return value ? strtol(value, NULL, 10) : fallback;
}

static void put_process(char *entry, long stride, const struct line *line) {
    uint32_t pid = (uint32_t) number_of(line, "pid", 0);
    uint64_t memory = process_memory(line), protected_memory = 0;
    bool always = scenario_value("library", ANY_INDEX, "instances") != NULL;
    bool written = always || mig_on(line->index);
    uint32_t gi = written ? (uint32_t) number_of(line, "gi", always ? 0 : -1) : UINT32_MAX;
    uint32_t ci = written ? (uint32_t) number_of(line, "ci", always ? 0 : -1) : UINT32_MAX;
    memcpy(entry, &pid, 4);
    memcpy(entry + 8, &memory, 8);
    if (stride >= 24) {
        memcpy(entry + 16, &gi, 4);
        memcpy(entry + 20, &ci, 4);
    }
    if (stride >= 32) memcpy(entry + 24, &protected_memory, 8);
}

/* Whether a process runs on a MIG instance. */
static bool is_on(const struct line *process, const struct line *instance) {
    return number_of(process, "gi", -1) == number_of(instance, "gi", -1)
            && number_of(process, "ci", -1) == number_of(instance, "ci", 0);
}

struct stride {
    const char *key; /* looked up while the lock is held, since another thread may read the scenario again */
    long default_stride;
};

static int list(const char *function, device_t device, char kind, struct stride key, unsigned *count, char *entries) {
    int code = enter_any(function, device);
    if (code != SUCCESS) return leave(code);
    const struct line *instance = instance_in(device->index, device->slot);
    long stride = library_number(key.key, key.default_stride);
    unsigned capacity = *count, found = 0;
    const char *needed = scenario_value("library", ANY_INDEX, "needed");
    if (needed) {
        *count = strcmp(needed, "more") ? (unsigned) strtoul(needed, NULL, 10) : capacity + 1;
        return leave(INSUFFICIENT_SIZE);
    }
    if (entries && scenario_value("library", ANY_INDEX, "fill")) memset(entries, 0, (size_t) capacity * stride);
    const struct line *line = NULL;
    while ((line = scenario_next(line, "proc"))) {
        const char *lists = line_value(line, "list");
        if (line->index != device->index || !strchr(lists ? lists : "C", kind)) continue;
        if (instance && !is_on(line, instance)) continue;
        if (entries && found < capacity) put_process(entries + (size_t) found * stride, stride, line);
        found++;
    }
    long over = library_number("over", 0);
    *count = over ? capacity + (unsigned) over : found;
    return leave(found > capacity && !over ? INSUFFICIENT_SIZE : SUCCESS);
}

#define LISTS(NAME, KIND)                                                                                          \
    EXPORT int NAME(device_t device, unsigned *count, void *entries) {                                             \
        return list(__func__, device, KIND, (struct stride){"stride", 16}, count, entries);                        \
    }                                                                                                              \
    EXPORT int NAME##_v2(device_t device, unsigned *count, void *entries) {                                        \
        return list(__func__, device, KIND, (struct stride){"stride_v2", 24}, count, entries);                     \
    }                                                                                                              \
    EXPORT int NAME##_v3(device_t device, unsigned *count, void *entries) {                                        \
        return list(__func__, device, KIND, (struct stride){"stride_v3", STRIDE_V3}, count, entries);              \
    }

LISTS(nvmlDeviceGetComputeRunningProcesses, 'C')
LISTS(nvmlDeviceGetGraphicsRunningProcesses, 'G')
LISTS(nvmlDeviceGetMPSComputeRunningProcesses, 'M')

int put_number(int code, device_t device, const char *key, double scale, unsigned *out) {
    const char *value = scenario_value("device", device->index, key);
    if (code == SUCCESS && !value) code = NOT_SUPPORTED;
    if (code == SUCCESS) {
        double number = value_now(value) * scale;
        *out = (unsigned) (int64_t) (number < 0 ? number - 0.5 : number + 0.5);
    }
    return code;
}

struct utilization {
    unsigned gpu, memory;
};

EXPORT int nvmlDeviceGetUtilizationRates(device_t device, struct utilization *rates) {
    int code = put_number(enter_device(__func__, device), device, "util", 1, &rates->gpu);
    if (code == SUCCESS && put_number(SUCCESS, device, "mem_util", 1, &rates->memory)) rates->memory = UINT32_MAX;
    return leave(code);
}

EXPORT int nvmlDeviceGetTemperature(device_t device, unsigned sensor, unsigned *celsius) {
    int code = enter_device(__func__, device);
    return leave(put_number(code == SUCCESS && sensor ? INVALID_ARGUMENT : code, device, "temp", 1, celsius));
}

struct temperature {
    unsigned version, sensor;
    unsigned celsius;
};

EXPORT int nvmlDeviceGetTemperatureV(device_t device, struct temperature *temperature) {
    int code = enter_device(__func__, device);
    if (code == SUCCESS && temperature->version != (sizeof *temperature | 1 << 24)) code = ARGUMENT_VERSION_MISMATCH;
    return leave(put_number(code, device, "temp", 1, &temperature->celsius));
}

EXPORT int nvmlDeviceGetPowerUsage(device_t device, unsigned *milliwatts) {
    return leave(put_number(enter_device(__func__, device), device, "power", 1000, milliwatts));
}

EXPORT int nvmlDeviceGetEnforcedPowerLimit(device_t device, unsigned *milliwatts) {
    return leave(put_number(enter_device(__func__, device), device, "power_limit", 1000, milliwatts));
}

/* Exported so that the library can be recognized as an early R535 build. Never called. */
EXPORT int nvmlDeviceGetConfComputeMemSizeInfo(void) {
    abort();
}

EXPORT int nvmlDeviceGetRunningProcessDetailList(void) {
    abort();
}

#include "mig.c"
#include "utilization.c"
