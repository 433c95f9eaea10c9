/*
 * Accounting mode. There is one record per pid: that of the last "proc" statement with this pid that has started and
 * has the key "accounted".
 */
#include "fake.h"
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

EXPORT int nvmlDeviceGetAccountingMode(device_t device, unsigned *mode) {
    int code = enter_device(__func__, device);
    const char *on = scenario_value("device", device->index, "accounting");
    if (code == SUCCESS && !on) code = NOT_SUPPORTED;
    if (code == SUCCESS) *mode = !strcmp(on, "on");
    return leave(code);
}

struct stats {
    unsigned gpu, memory;
    uint64_t peak, millis, start;
    unsigned running, reserved[5];
};

EXPORT int nvmlDeviceGetAccountingStats(device_t device, unsigned pid, struct stats *stats) {
    int code = enter_device(__func__, device), number = 0;
    const char *on = scenario_value("device", device->index, "accounting");
    if (code == SUCCESS && (!on || strcmp(on, "on"))) code = NOT_SUPPORTED;
    if (code != SUCCESS) return leave(code);
    code = NOT_FOUND;
    const struct line *line = NULL;
    while ((line = scenario_begun(line, "proc"))) {
        const char *peak = line_value(line, "accounted"), *of = line_value(line, "pid");
        number++;
        if (line->index != device->index || !peak || !of || strtoul(of, NULL, 10) != pid) continue;
        uint64_t bytes = strcmp(peak, "unknown") ? (uint64_t) value_now(peak) : UINT64_MAX;
        *stats = (struct stats){.peak = bytes, .start = (uint64_t) number, .running = line_holds(line)};
        code = SUCCESS;
    }
    return leave(code);
}
