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

/* Identifies one "cycle": how often the scenario was restarted, and how many cycles have passed since. */
struct round {
    long beginning, cycle;
};

/* Reads the file again if it was replaced. Call this first, with the library's lock held. */
void scenario_refresh(const char *path);

/* The next statement after 'previous' (NULL: from the start) with this keyword that holds now, or NULL. */
const struct line *scenario_next(const struct line *previous, const char *keyword);

/* The next statement after 'previous' with this keyword that holds or has held in this round, or NULL. */
const struct line *scenario_begun(const struct line *previous, const char *keyword);

/* Whether the statement holds now. */
bool line_holds(const struct line *line);

/* The value of a key, or NULL. */
const char *line_value(const struct line *line, const char *key);

/*
 * The value of 'key' in the last statement that holds, has the keyword and, unless ANY_INDEX, has the index; or NULL.
 */
const char *scenario_value(const char *keyword, long index, const char *key);

struct round scenario_round(void);

/* The current value of a SIZE, NUMBER or waveform. */
double value_now(const char *text);

/* The integral of a key's value over time, from a time to now; at each time, the last statement that held applies. */
double scenario_integral(const char *keyword, long index, const char *key, double from);

/* Seconds on the monotonic clock. */
double seconds_now(void);

/* Seconds since the scenario was started or restarted. */
double scenario_time(void);

/* Whether any statement has the key, including those that do not hold now. */
bool scenario_mentions(const char *keyword, long index, const char *key);

/* Parses a DURATION to seconds. */
double value_seconds(const char *text);

#endif
