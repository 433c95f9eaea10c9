/* What the driver keeps account of: a record a pid, of the last process that began with it and has the key "accounted". */
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
    uint64_t most, millis, start;
    unsigned runs, reserved[5];
};

EXPORT int nvmlDeviceGetAccountingStats(device_t device, unsigned pid, struct stats *stats) {
    int code = enter_device(__func__, device), number = 0;
    const char *on = scenario_value("device", device->index, "accounting");
    if (code == SUCCESS && (!on || strcmp(on, "on"))) code = NOT_SUPPORTED;
    if (code != SUCCESS) return leave(code);
    code = NOT_FOUND;
    const struct line *line = NULL;
    while ((line = scenario_begun(line, "proc"))) {
        const char *most = line_value(line, "accounted"), *of = line_value(line, "pid");
        number++;
        if (line->index != device->index || !most || !of || strtoul(of, NULL, 10) != pid) continue;
        uint64_t bytes = strcmp(most, "unknown") ? (uint64_t) value_now(most) : UINT64_MAX;
        *stats = (struct stats){.most = bytes, .start = (uint64_t) number, .runs = line_holds(line)};
        code = SUCCESS;
    }
    return leave(code);
}
