/* MIG instances. This file is included by nvml.c and uses its lock and handles. */

enum { MAX_INSTANCES = 7 };

EXPORT int nvmlDeviceGetMaxMigDeviceCount(device_t device, unsigned *count) {
    int code = enter_device(__func__, device);
    if (code == SUCCESS) *count = mig_on(device->index) ? MAX_INSTANCES : 0;
    return leave(code);
}

EXPORT int nvmlDeviceGetMigDeviceHandleByIndex(device_t device, unsigned slot, device_t *instance) {
    int code = enter_slot(__func__, device->index, (long) slot);
    if (code == SUCCESS && session_ended()) code = UNINITIALIZED;
    if (code == SUCCESS && slot >= MAX_INSTANCES) code = INVALID_ARGUMENT;
    if (code == SUCCESS && !instance_in(device->index, (long) slot)) code = NOT_FOUND;
    if (code == SUCCESS) *instance = handle_of(device->index, (long) slot);
    return leave(code);
}

static int instance_number(const char *function, device_t device, const char *key, unsigned *number) {
    int code = enter_any(function, device);
    const struct line *instance = instance_in(device->index, device->slot);
    if (code == SUCCESS && !instance) code = NOT_SUPPORTED;
    if (code == SUCCESS) *number = (unsigned) number_of(instance, key, 0);
    return leave(code);
}

EXPORT int nvmlDeviceGetGpuInstanceId(device_t device, unsigned *number) {
    return instance_number(__func__, device, "gi", number);
}

EXPORT int nvmlDeviceGetComputeInstanceId(device_t device, unsigned *number) {
    return instance_number(__func__, device, "ci", number);
}
