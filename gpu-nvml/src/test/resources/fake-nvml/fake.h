/* What the functions of the stand-in have in common. */
#ifndef FAKE_H
#define FAKE_H

#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

enum {
    MUTE = -1, /* to the caller it is SUCCESS */
    SUCCESS = 0,
    UNINITIALIZED = 1,
    INVALID_ARGUMENT = 2,
    NOT_SUPPORTED = 3,
    NOT_FOUND = 6,
    INSUFFICIENT_SIZE = 7,
    TIMEOUT = 10,
    ARGUMENT_VERSION_MISMATCH = 25,
    UNKNOWN = 999
};

/* What stands at the beginning of everything that is handed out, and what after its end. */
static const uint64_t ALIVE = 0x6e766d6c20616c69, DEAD = 0x6e766d6c20646561;

enum { NO_SLOT = -1 };

typedef struct handle *device_t;

struct handle {
    uint64_t canary;
    long index; /* of the scenario's statements */
    long slot; /* of a MIG instance; NO_SLOT for a device itself */
    char uuid[96]; /* of a device */
    struct handle *next;
};

/*
 * Takes the lock, and answers what the scenario has a call on the device answer. SUCCESS: go on. Pair with leave(). A MIG instance does not
 * offer the function.
 */
int enter_device(const char *function, device_t device);

/* The same for a call that takes no device and needs a session. */
int enter_session(const char *function);

int leave(int code);

/* Sleeps so long without the lock; the scenario may be another afterwards, and the session over. */
void doze(double seconds);

/* Whether the session is over, as after a reload of the driver. */
int session_ended(void);

/* Ends all event sets with the library. */
void end_events(void);

/* Answers the device's value of a key, times the scale, unless the code is none of success. */
int put_number(int code, device_t device, const char *key, double scale, unsigned *out);

#endif
