#define _GNU_SOURCE
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static struct line *lines;
static int line_count;
static struct stat read_from;
static double began = -1;
static char *restart;
static long beginnings;

double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void refuse(int number, const char *reason) {
    fprintf(stderr, "scenario line %d: %s\n", number, reason);
    abort();
}

/*
 * Reads one word and unescapes it in place. Returns where the next word may begin, or NULL if the line has no more
 * words.
 */
static char *next_word(char *at, char **word, int number) {
    while (*at == ' ' || *at == '\t' || *at == '\r') at++;
    if (*at == 0 || *at == '#') return NULL;
    char *out = at;
    *word = at;
    bool quoted = false;
    for (; *at && (quoted || (*at != ' ' && *at != '\t' && *at != '\r')); at++) {
        if (*at == '"') {
            quoted = !quoted;
        } else if (quoted && *at == '\\') {
            at++;
            unsigned byte;
            if (*at == 'n') *out++ = '\n';
            else if (*at == 't') *out++ = '\t';
            else if (*at == 'x' && sscanf(at + 1, "%2x", &byte) == 1) *out++ = (char) byte, at += 2;
            else if (*at == '"' || *at == '\\') *out++ = *at;
            else refuse(number, "unknown escape");
        } else {
            *out++ = *at;
        }
    }
    if (quoted) refuse(number, "unterminated quote");
    char *rest = *at ? at + 1 : at;
    *out = 0;
    return rest;
}

static bool has_index(const char *keyword) {
    static const char *indexed[] = {"device", "instance", "proc", "fault", "xid", NULL};
    int k = 0;
    while (indexed[k] && strcmp(indexed[k], keyword)) k++;
    return indexed[k] != NULL;
}

static void parse_line(char *text, int number) {
    char *word;
    char *rest = next_word(text, &word, number);
    if (!rest) return;
    static const char *known[] = {"driver", "device", "instance", "proc", "container", "fault", "xid", "library", "cycle", NULL};
    int k = 0;
    while (known[k] && strcmp(known[k], word)) k++;
    if (!known[k]) refuse(number, "unknown keyword");
    lines = realloc(lines, (line_count + 1) * sizeof *lines);
    struct line *line = &lines[line_count++];
    *line = (struct line){.keyword = strdup(word), .index = ANY_INDEX};
    bool indexed = has_index(line->keyword), plain = !strcmp(line->keyword, "cycle");
    while ((rest = next_word(rest, &word, number))) {
        if (indexed) {
            line->index = strcmp(word, "*") ? strtol(word, NULL, 10) : ANY_INDEX;
            indexed = false;
            continue;
        }
        char *equals = plain ? word : strchr(word, '=');
        if (!equals) refuse(number, "expected key=value");
        line->words = realloc(line->words, (line->word_count + 1) * sizeof *line->words);
        struct word *pair = &line->words[line->word_count++];
        pair->key = plain ? strdup("period") : strndup(word, equals - word);
        pair->value = strdup(plain ? word : equals + 1);
    }
}

static void forget(void) {
    for (int i = 0; i < line_count; i++) {
        for (int w = 0; w < lines[i].word_count; w++) {
            free(lines[i].words[w].key);
            free(lines[i].words[w].value);
        }
        free(lines[i].words);
        free(lines[i].keyword);
    }
    free(lines);
    lines = NULL;
    line_count = 0;
}

static bool same_file(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size
            && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void begin_time(void) {
    const char *now = scenario_value("library", ANY_INDEX, "restart");
    if (began < 0 || (now && (!restart || strcmp(now, restart)))) {
        began = seconds_now();
        beginnings++;
    }
    free(restart);
    restart = now ? strdup(now) : NULL;
}

void scenario_refresh(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0 || same_file(&status, &read_from)) return;
    FILE *file = fopen(path, "r");
    if (!file) return;
    forget();
    char *text = NULL;
    size_t size = 0;
    for (int number = 1; getline(&text, &size, file) >= 0; number++) {
        text[strcspn(text, "\n")] = 0;
        parse_line(text, number);
    }
    free(text);
    fclose(file);
    read_from = status;
    begin_time();
}

const char *line_value(const struct line *line, const char *key) {
    for (int i = 0; i < line->word_count; i++) {
        if (!strcmp(line->words[i].key, key)) return line->words[i].value;
    }
    return NULL;
}

double value_seconds(const char *text) {
    char *unit;
    double number = strtod(text, &unit);
    if (!strcmp(unit, "ms")) return number / 1000;
    if (!strcmp(unit, "m")) return number * 60;
    if (!strcmp(unit, "h")) return number * 3600;
    return number;
}

static double elapsed(void) {
    return began < 0 ? 0 : seconds_now() - began;
}

/* The length of a cycle in seconds; 0 if the scenario has none. */
static double cycle(void) {
    double period = 0;
    for (int i = 0; i < line_count; i++) {
        if (!strcmp(lines[i].keyword, "cycle") && lines[i].word_count) period = value_seconds(lines[i].words[0].value);
    }
    return period;
}

struct round scenario_round(void) {
    double period = cycle();
    return (struct round){beginnings, period > 0 ? (long) (elapsed() / period) : 0};
}

static double in_cycle(double time) {
    double period = cycle();
    return period > 0 ? time - period * (long) (time / period) : time;
}

static bool holds_at(const struct line *line, double time) {
    const char *from = line_value(line, "from"), *until = line_value(line, "until");
    if (!from && !until) return true;
    double now = in_cycle(time);
    return (!from || now >= value_seconds(from)) && (!until || now < value_seconds(until));
}

bool line_holds(const struct line *line) {
    return holds_at(line, elapsed());
}

const struct line *scenario_next(const struct line *previous, const char *keyword) {
    for (int i = previous ? previous - lines + 1 : 0; i < line_count; i++) {
        if (!strcmp(lines[i].keyword, keyword) && line_holds(&lines[i])) return &lines[i];
    }
    return NULL;
}

const struct line *scenario_begun(const struct line *previous, const char *keyword) {
    for (int i = previous ? previous - lines + 1 : 0; i < line_count; i++) {
        const char *from = line_value(&lines[i], "from");
        bool begun = !from || in_cycle(elapsed()) >= value_seconds(from);
        if (!strcmp(lines[i].keyword, keyword) && begun) return &lines[i];
    }
    return NULL;
}

const char *scenario_value(const char *keyword, long index, const char *key) {
    const char *value = NULL;
    const struct line *line = NULL;
    while ((line = scenario_next(line, keyword))) {
        if (index == ANY_INDEX || line->index == index) {
            const char *found = line_value(line, key);
            if (found) value = found;
        }
    }
    return value;
}

static double number(const char *text, char **end) {
    double value = strtod(text, end);
    static const char units[] = "KMGT";
    const char *unit = **end ? strchr(units, **end) : NULL;
    for (const char *u = units; unit && u <= unit; u++) value *= 1024;
    if (unit) (*end)++;
    return value;
}

struct waveform {
    double from, to, period;
};

static struct waveform parse_waveform(const char *text) {
    char *end;
    /* strtod would read the first dot of "1..2" as a decimal point. */
    const char *dots = strstr(text, "..");
    if (!dots) {
        double value = number(text, &end);
        return (struct waveform){value, value, 0};
    }
    char *first = strndup(text, dots - text);
    struct waveform wave = {.from = number(first, &end)};
    free(first);
    wave.to = number(dots + 2, &end);
    wave.period = *end == '/' ? value_seconds(end + 1) : 0;
    return wave;
}

double value_now(const char *text) {
    struct waveform wave = parse_waveform(text);
    if (wave.period <= 0) return wave.from;
    double phase = elapsed() / wave.period;
    phase -= (long) phase;
    return wave.from + (wave.to - wave.from) * (phase < 0.5 ? 2 * phase : 2 - 2 * phase);
}

/* The integral of a waveform from 0 to a time. */
static double area(struct waveform wave, double time) {
    if (wave.period <= 0) return wave.from * time;
    double half = wave.period / 2, mean = (wave.from + wave.to) / 2, slope = (wave.to - wave.from) / wave.period;
    long halves = (long) (time / half);
    double rest = time - halves * half;
    double partial = halves % 2 ? wave.to * rest - slope * rest * rest : wave.from * rest + slope * rest * rest;
    return halves * half * mean + partial;
}

/* The next time at which a statement comes into effect or ceases to be in effect. */
static double next_change(double time) {
    double now = in_cycle(time), next = cycle() > 0 ? cycle() : 1e18;
    for (int i = 0; i < line_count; i++) {
        const char *ends[] = {line_value(&lines[i], "from"), line_value(&lines[i], "until")};
        for (int e = 0; e < 2; e++) {
            double end = ends[e] ? value_seconds(ends[e]) : 0;
            if (end > now && end < next) next = end;
        }
    }
    double change = time - now + next;
    return change > time ? change : time + 1e-6;
}

double scenario_integral(const char *keyword, long index, const char *key, double from) {
    double sum = 0, now = elapsed();
    for (double time = from < 0 ? 0 : from; time < now;) {
        double change = next_change(time), end = change < now ? change : now;
        const char *value = NULL;
        for (int i = 0; i < line_count; i++) {
            bool matches = !strcmp(lines[i].keyword, keyword) && lines[i].index == index && holds_at(&lines[i], time);
            if (matches && line_value(&lines[i], key)) value = line_value(&lines[i], key);
        }
        if (value) sum += area(parse_waveform(value), end) - area(parse_waveform(value), time);
        time = end;
    }
    return sum;
}

double scenario_time(void) {
    return elapsed();
}

bool scenario_mentions(const char *keyword, long index, const char *key) {
    for (int i = 0; i < line_count; i++) {
        if (!strcmp(lines[i].keyword, keyword) && lines[i].index == index && line_value(&lines[i], key)) return true;
    }
    return false;
}
