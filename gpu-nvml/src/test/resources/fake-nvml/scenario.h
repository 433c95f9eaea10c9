/* The scenario that the stand-in library plays, as a list of statements. Format: gpu-core/SCENARIO.md. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stdbool.h>

enum { ANY_INDEX = -1 };

struct word {
    char *key;
    char *value;
};

struct line {
    char *keyword;
    long index; /* ANY_INDEX for '*' and for keywords without an index */
    struct word *words;
    int word_count;
};

/*
 * Identifies one repetition of the scenario: how often the scenario was restarted, and how many cycles have passed
 * since.
 */
struct round {
    long beginning, cycle;
};

/*
 * Reads the file again if it was replaced. Every function of the library calls this first, with the library's lock
 * held.
 */
void scenario_refresh(const char *path);

/* The next statement after 'previous' (the first one if NULL) that has this keyword and is in effect now, or NULL. */
const struct line *scenario_next(const struct line *previous, const char *keyword);

/* The next statement after 'previous' that has this keyword and is or was in effect in this round, or NULL. */
const struct line *scenario_begun(const struct line *previous, const char *keyword);

/* Whether the statement is in effect now. */
bool line_holds(const struct line *line);

/* The value of a key, or NULL. */
const char *line_value(const struct line *line, const char *key);

/*
 * The value of 'key' in the last statement in effect that has the keyword and the index (any index if ANY_INDEX), or
 * NULL.
 */
const char *scenario_value(const char *keyword, long index, const char *key);

struct round scenario_round(void);

/* The current value of a SIZE, NUMBER or waveform. */
double value_now(const char *text);

/*
 * The integral of a key's value over time, up to now. At each time, the last statement in effect determines the
 * value.
 */
double scenario_integral(const char *keyword, long index, const char *key, double from);

/* Seconds on the monotonic clock. */
double seconds_now(void);

/* Seconds since the scenario was started or restarted. */
double scenario_time(void);

/* Whether any statement has the key, including those that are not in effect now. */
bool scenario_mentions(const char *keyword, long index, const char *key);

/* Parses a DURATION to seconds. */
double value_seconds(const char *text);

#endif
