/*
 * Event sets. Each "xid" statement (gpu-core/SCENARIO.md) is delivered to the first waiting set with which the
 * device is registered. A wait does not hold the lock. The process is aborted if the caller passes a pointer that is
 * not a set or was freed, uses a set whose state is undefined because a registration returned UNKNOWN, or shuts the
 * library down during a wait.
 */
#define _GNU_SOURCE
#include "fake.h"
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { XID_CRITICAL_ERROR = 8, MAX_DEVICES = 64 };

static const double POLL = 0.01;

typedef struct event_set *set_t;

struct event_set {
    uint64_t canary;
    device_t devices[MAX_DEVICES];
    int count, waits;
    bool undefined;
    struct event_set *next;
};

struct event_data {
    device_t device;
    uint64_t type, data;
    unsigned gi, ci; /* the structure of the unsuffixed function does not have them */
};

/* The number of Xids of a statement that were delivered in a round. */
struct delivery {
    char *statement;
    struct round round;
    long count;
    struct delivery *next;
};

static struct event_set *sets;
static struct delivery *deliveries;

static void check(const char *function, set_t set) {
    if (set && set->canary == ALIVE) return;
    fprintf(stderr, "%s: %s event set\n", function, set && set->canary == DEAD ? "a stale" : "not an");
    abort();
}

static void check_defined(const char *function, set_t set) {
    check(function, set);
    if (!set->undefined) return;
    fprintf(stderr, "%s: event set in an undefined state\n", function);
    abort();
}

static void check_idle(const char *function, set_t set) {
    if (set->waits == 0) return;
    fprintf(stderr, "%s: during a wait for events\n", function);
    abort();
}

EXPORT int nvmlEventSetCreate(set_t *set) {
    int code = enter_session(__func__);
    if (code == SUCCESS) {
        *set = calloc(1, sizeof **set);
        **set = (struct event_set){.canary = ALIVE, .next = sets};
        sets = *set;
    }
    return leave(code);
}

static void end_set(const char *function, set_t set) {
    check_idle(function, set);
    set->canary = DEAD;
    set_t *at = &sets;
    while (*at != set) at = &(*at)->next;
    *at = set->next;
}

EXPORT int nvmlEventSetFree(set_t set) {
    check(__func__, set);
    int code = enter_session(__func__);
    if (code == SUCCESS) end_set(__func__, set);
    return leave(code);
}

void end_events(void) {
    while (sets) end_set("nvmlShutdown", sets);
}

static int place_of(set_t set, long index) {
    for (int i = 0; i < set->count; i++) {
        if (set->devices[i]->index == index) return i;
    }
    return -1;
}

EXPORT int nvmlDeviceRegisterEvents(device_t device, unsigned long long types, set_t set) {
    check_defined(__func__, set);
    int code = enter_device(__func__, device);
    if (code == SUCCESS && types != XID_CRITICAL_ERROR) code = INVALID_ARGUMENT;
    if (code == SUCCESS) {
        int place = place_of(set, device->index);
        if (place < 0 && set->count == MAX_DEVICES) abort();
        set->devices[place < 0 ? set->count++ : place] = device;
    }
    set->undefined = code == UNKNOWN;
    return leave(code);
}

static const char *text_of(const struct line *line, const char *key, const char *fallback) {
    const char *value = line_value(line, key);
    return value ? value : fallback;
}

/*
 * Returns the delivery state of a statement. It is found by the statement's text, because the file may have been
 * read again.
 */
static struct delivery *delivery_of(const struct line *line) {
    char statement[256];
    snprintf(statement, sizeof statement, "%ld %s %s %s %s %s %s", line->index, text_of(line, "code", ""),
            text_of(line, "count", "1"), text_of(line, "gi", ""), text_of(line, "ci", ""), text_of(line, "from", ""),
            text_of(line, "until", ""));
    struct round round = scenario_round();
    struct delivery *delivery = deliveries;
    while (delivery && strcmp(delivery->statement, statement)) delivery = delivery->next;
    if (!delivery) {
        delivery = calloc(1, sizeof *delivery);
        *delivery = (struct delivery){.statement = strdup(statement), .round = round, .next = deliveries};
        deliveries = delivery;
    }
    if (delivery->round.beginning != round.beginning || delivery->round.cycle != round.cycle) {
        delivery->round = round;
        delivery->count = 0;
    }
    return delivery;
}

static unsigned instance(const struct line *line, const char *key) {
    return (unsigned) strtol(text_of(line, key, "-1"), NULL, 10);
}

static bool take(set_t set, struct event_data *data, bool instances) {
    const struct line *line = NULL;
    while ((line = scenario_next(line, "xid"))) {
        int place = place_of(set, line->index);
        const char *uuid = scenario_value("device", line->index, "uuid");
        if (place < 0 || !uuid || strcmp(uuid, set->devices[place]->uuid)) continue;
        struct delivery *delivery = delivery_of(line);
        if (delivery->count >= strtol(text_of(line, "count", "1"), NULL, 10)) continue;
        delivery->count++;
        data->device = set->devices[place];
        data->type = XID_CRITICAL_ERROR;
        data->data = strtoull(text_of(line, "code", "0"), NULL, 10);
        if (instances) {
            data->gi = instance(line, "gi");
            data->ci = instance(line, "ci");
        }
        return true;
    }
    return false;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static int wait_for(const char *function, set_t set, struct event_data *data, unsigned milliseconds, bool instances) {
    check_defined(function, set);
    __atomic_fetch_add(&set->waits, 1, __ATOMIC_SEQ_CST);
    int code = enter_session(function);
    double end = now() + milliseconds / 1000.0;
    while (code == SUCCESS && !take(set, data, instances)) {
        double left = end - now();
        if (left <= 0) code = TIMEOUT;
        else doze(left < POLL ? left : POLL);
        if (session_ended()) code = UNINITIALIZED;
    }
    __atomic_fetch_sub(&set->waits, 1, __ATOMIC_SEQ_CST);
    return leave(code);
}

EXPORT int nvmlEventSetWait_v2(set_t set, struct event_data *data, unsigned milliseconds) {
    return wait_for(__func__, set, data, milliseconds, true);
}

EXPORT int nvmlEventSetWait(set_t set, struct event_data *data, unsigned milliseconds) {
    return wait_for(__func__, set, data, milliseconds, false);
}
