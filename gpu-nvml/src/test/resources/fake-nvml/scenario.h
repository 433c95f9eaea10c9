/* The scenario that the stand-in plays: the statements that hold now. Format: gpu-core/SCENARIO.md. */
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
    long index; /* ANY_INDEX for '*' and where the keyword has none */
    struct word *words;
    int word_count;
};

/* Tells one "cycle" from the next: how often time began, and how often it has come round since. */
struct round {
    long beginning, cycle;
};

/* Reads the file again if it is another than before. Call before anything else, with the library's lock held. */
void scenario_refresh(const char *path);

/* The next statement after 'previous' (NULL: the first) that has this keyword and holds now; NULL if there is none. */
const struct line *scenario_next(const struct line *previous, const char *keyword);

/* The next statement after 'previous' that has this keyword and holds or held in this round. */
const struct line *scenario_begun(const struct line *previous, const char *keyword);

/* Whether the statement holds now. */
bool line_holds(const struct line *line);

/* The value of a key, or NULL. */
const char *line_value(const struct line *line, const char *key);

/* The value of 'key' of the last statement that holds, has the keyword and, unless ANY_INDEX, the index; or NULL. */
const char *scenario_value(const char *keyword, long index, const char *key);

struct round scenario_round(void);

/* A SIZE, NUMBER, or moving value as it is now. */
double value_now(const char *text);

/* The integral over time of a key's value, each as of the last statement that held, from a time to now. */
double scenario_integral(const char *keyword, long index, const char *key, double from);

/* Seconds on a clock that is never set. */
double seconds_now(void);

/* Seconds since the scenario's time began. */
double scenario_time(void);

/* Whether a statement has the key, be it one that does not hold now. */
bool scenario_mentions(const char *keyword, long index, const char *key);

/* A DURATION in seconds. */
double value_seconds(const char *text);

#endif
