/* Definitions shared by the functions of the stand-in library. */
#ifndef FAKE_H
#define FAKE_H

#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

enum {
    MUTE = -1, /* write nothing, and return SUCCESS to the caller */
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

/*
 * Marks at the beginning of every object that the library returns: one while the object is valid, the other after it
 * was freed.
 */
static const uint64_t ALIVE = 0x6e766d6c20616c69, DEAD = 0x6e766d6c20646561;

enum { NO_SLOT = -1 };

typedef struct handle *device_t;

struct handle {
    uint64_t canary;
    long index; /* index in the scenario's statements */
    long slot; /* slot of a MIG instance; NO_SLOT for the board */
    char uuid[96]; /* uuid of the board */
    struct handle *next;
};

/*
 * Takes the lock and returns the code that the scenario prescribes for a call on the device. If the code is SUCCESS,
 * the function continues. Every call must be followed by leave(). For a MIG instance the code is NOT_SUPPORTED.
 */
int enter_device(const char *function, device_t device);

/* Like enter_device(), for a function that takes no device but requires a session. */
int enter_session(const char *function);

int leave(int code);

/* Releases the lock while it sleeps. Afterwards the scenario may have changed and the session may have ended. */
void doze(double seconds);

/* Whether the session has ended, as after a reload of the driver. */
int session_ended(void);

/* Frees all event sets when the library is shut down. */
void end_events(void);

/*
 * Writes the device's value of a key, multiplied by the scale, if the code is SUCCESS and the device has the key.
 * Returns the code.
 */
int put_number(int code, device_t device, const char *key, double scale, unsigned *out);

#endif
