/*
 * Field values by id, each with its own return code, from the keys of "device" statements as in readings.c.
 *
 * Keys of "library" statements:
 *   field_type=N       all field values have this type (nvmlValueType_t), even if it does not exist
 *   fields_below=N     only fields with ids below N are supported
 *   field.ID=TYPE:VALUE  the field has this value and type (nvmlValueType_t), regardless of the device's keys
 */
#include "fake.h"
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOUBLE, UINT, ULONG, ULLONG, LLONG, INT, USHORT };

enum { GPU = 0, MODULE = 1, ALL_LINKS = -1, ONE_LINK = -2 };

struct field {
    unsigned id, scope;
    long long timestamp, latency;
    unsigned type;
    int code;
    union {
        double floating;
        unsigned number;
        unsigned long long large;
        uint16_t small;
    } value;
};

/*
 * The field ids and the keys that provide their values. If several keys provide a field, the first one that the
 * device has is used. The keys nvlink5_* are for traffic that only the fields of NVLink 5 report. In the key of a
 * link, %u is the link's number.
 */
static const struct known {
    unsigned id;
    int scope;
    unsigned type;
    const char *key;
    double scale;
} KNOWN[] = {
        {74, GPU, ULLONG, "clock_event.sw_power_cap", 1e9},
        {75, GPU, ULLONG, "clock_violation.thermal", 1e9},
        {76, GPU, ULLONG, "clock_event.sync_boost", 1e9},
        {77, GPU, ULLONG, "clock_violation.board_limit", 1e9},
        {78, GPU, ULLONG, "clock_violation.low_utilization", 1e9},
        {79, GPU, ULLONG, "clock_violation.reliability", 1e9},
        {82, GPU, UINT, "memory_temperature", 1},
        {138, ALL_LINKS, ULLONG, "nvlink_transmit", 1 / 1024.0},
        {138, ONE_LINK, ULLONG, "nvlink_link_transmit.%u", 1 / 1024.0},
        {139, ALL_LINKS, ULLONG, "nvlink_receive", 1 / 1024.0},
        {139, ONE_LINK, ULLONG, "nvlink_link_receive.%u", 1 / 1024.0},
        {169, GPU, UINT, "pcie_errors.recovery", 1},
        {173, GPU, UINT, "pcie_errors.correctable", 1},
        {174, GPU, UINT, "pcie_errors.nak_received", 1},
        {175, GPU, UINT, "pcie_errors.receiver", 1},
        {176, GPU, UINT, "pcie_errors.bad_tlp", 1},
        {177, GPU, UINT, "pcie_errors.nak_sent", 1},
        {178, GPU, UINT, "pcie_errors.bad_dllp", 1},
        {179, GPU, UINT, "pcie_errors.non_fatal", 1},
        {180, GPU, UINT, "pcie_errors.fatal", 1},
        {181, GPU, UINT, "pcie_errors.unsupported_request", 1},
        {182, GPU, UINT, "pcie_errors.lcrc", 1},
        {185, GPU, UINT, "power_average", 1000},
        {186, GPU, UINT, "power_instant", 1000},
        {186, MODULE, UINT, "module_power", 1000},
        {193, GPU, INT, "temperature_margin_threshold.shutdown", 1},
        {194, GPU, INT, "temperature_margin_threshold.slowdown", 1},
        {195, GPU, INT, "temperature_margin_threshold.memory_max", 1},
        {196, GPU, INT, "temperature_margin_threshold.gpu_max", 1},
        {197, GPU, ULLONG, "pcie_transmitted", 1},
        {198, GPU, ULLONG, "pcie_received", 1},
        {202, ONE_LINK, ULLONG, "nvlink5_transmit.%u", 1},
        {202, ONE_LINK, ULLONG, "nvlink_link_transmit.%u", 1},
        {204, ONE_LINK, ULLONG, "nvlink5_receive.%u", 1},
        {204, ONE_LINK, ULLONG, "nvlink_link_receive.%u", 1},
        {206, ONE_LINK, ULLONG, "nvlink_errors.%u.malformed_packet", 1},
        {207, ONE_LINK, ULLONG, "nvlink_errors.%u.buffer_overrun", 1},
        {208, ONE_LINK, ULLONG, "nvlink_errors.%u.receive", 1},
        {209, ONE_LINK, ULLONG, "nvlink_errors.%u.receive_remote", 1},
        {210, ONE_LINK, ULLONG, "nvlink_errors.%u.receive_general", 1},
        {211, ONE_LINK, ULLONG, "nvlink_errors.%u.local_link_integrity", 1},
        {212, ONE_LINK, ULLONG, "nvlink_errors.%u.transmit_discard", 1},
        {213, ONE_LINK, ULLONG, "nvlink_errors.%u.recovery_successful", 1},
        {214, ONE_LINK, ULLONG, "nvlink_errors.%u.recovery_failed", 1},
        {219, ONE_LINK, ULLONG, "nvlink_errors.%u.effective", 1},
        {221, ONE_LINK, ULLONG, "nvlink_errors.%u.symbol", 1},
        {230, GPU, UINT, "recovery_action", 1},
        /* 251 to 253 are left out: they have this meaning only in R575 and in early R580. */
        {269, GPU, ULLONG, "clock_event.sw_thermal_slowdown", 1e9},
        {270, GPU, ULLONG, "clock_event.hw_thermal_slowdown", 1e9},
        {271, GPU, ULLONG, "clock_event.hw_power_brake_slowdown", 1e9},
        {301, GPU, UINT, "remapped_rows_inactive.corrected", 1},
        {302, GPU, UINT, "remapped_rows_inactive.uncorrected", 1},
};

static void put_value(struct field *field, double value) {
    const char *type = scenario_value("library", ANY_INDEX, "field_type");
    if (type) field->type = (unsigned) value_now(type);
    memset(&field->value, 0xAA, sizeof field->value);
    if (field->type == DOUBLE) field->value.floating = value;
    else if (field->type == UINT) field->value.number = (unsigned) value;
    else if (field->type == INT) field->value.number = (unsigned) (int) value;
    else if (field->type == USHORT) field->value.small = (uint16_t) value;
    else field->value.large = (unsigned long long) value;
}

static bool is_of(const struct known *known, const struct field *field) {
    bool link = known->scope == ONE_LINK && field->scope < 36;
    return known->id == field->id && (link || known->scope == (int) field->scope);
}

static bool put_given(struct field *field) {
    char key[32];
    snprintf(key, sizeof key, "field.%u", field->id);
    const char *given = scenario_value("library", ANY_INDEX, key);
    if (!given) return false;
    unsigned long long number;
    if (sscanf(given, "%u:%llu", &field->type, &number) != 2) abort();
    field->code = SUCCESS;
    put_value(field, (double) number);
    return true;
}

EXPORT int nvmlDeviceGetFieldValues(device_t device, int count, struct field *fields) {
    int code = enter_device(__func__, device);
    const char *below = scenario_value("library", ANY_INDEX, "fields_below");
    for (int i = 0; code == SUCCESS && i < count; i++) {
        fields[i].code = NOT_SUPPORTED;
        if (put_given(&fields[i])) continue;
        for (unsigned k = 0; k < sizeof KNOWN / sizeof *KNOWN; k++) {
            char key[96];
            snprintf(key, sizeof key, KNOWN[k].key, fields[i].scope);
            const char *value = scenario_value("device", device->index, key);
            if (fields[i].code == SUCCESS || !is_of(&KNOWN[k], &fields[i]) || !value || (below && fields[i].id >= value_now(below))) continue;
            fields[i].code = SUCCESS;
            fields[i].type = KNOWN[k].type;
            put_value(&fields[i], value_now(value) * KNOWN[k].scale);
        }
    }
    return leave(code);
}
