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
    INSUFFICIENT_SIZE = 7,
    ARGUMENT_VERSION_MISMATCH = 25
};

typedef struct handle *device_t;

struct handle {
    uint64_t canary;
    long index; /* of the scenario's statements */
    char uuid[96];
    struct handle *next;
};

/* Takes the lock, and answers what the scenario has a call on the device answer. SUCCESS: go on. Pair with leave(). */
int enter_device(const char *function, device_t device);

int leave(int code);

/* Answers the device's value of a key, times the scale, unless the code is none of success. */
int put_number(int code, device_t device, const char *key, double scale, unsigned *out);

#endif
