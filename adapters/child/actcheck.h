/* actcheck.h: a program in C that actcheck tests, in one header (docs/protocol.md is the protocol).
 *
 *     #include "actcheck.h"
 *
 *     static int answer(actcheck_call *call, void *result) { ... return ACTCHECK_OK; }
 *
 *     int main(void) { return actcheck_serve("{\"message\": \"hello\", ...}", answer); }
 *
 * C99 and POSIX, little-endian. It takes standard output for itself: what the program prints goes to standard
 * error from then on, so that a forgotten printf harms nothing.
 */
#ifndef ACTCHECK_H
#define ACTCHECK_H

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ACTCHECK_OK, ACTCHECK_UNSUPPORTED, ACTCHECK_REFUSED, ACTCHECK_ERROR };
enum { ACTCHECK_ARRAYS = 8, ACTCHECK_RANK = 32 };

typedef struct {
    char name[65], format[16];
    int rank;
    size_t shape[ACTCHECK_RANK];
    size_t count; /* of elements */
    size_t bytes;
    void *data; /* in C order */
} actcheck_array;

typedef struct {
    long id;
    char quantity[32], activation[65];
    const char *parameters; /* the text of a JSON object */
    int arrays;
    actcheck_array array[ACTCHECK_ARRAYS]; /* x, then upstream for gradients, then parameters that are arrays */
    char reason[256];                      /* what actcheck_because wrote */
} actcheck_call;

/* Answers a call: ACTCHECK_OK with the result, of the format and shape of x, written to its memory; or one of the
 * others, with a reason by actcheck_because. */
typedef int (*actcheck_function)(actcheck_call *call, void *result);

/* ---- What functions use. ---- */

/* `return actcheck_because(call, ACTCHECK_REFUSED, "alpha is %g", alpha);` */
static inline int actcheck_because(actcheck_call *call, int answer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(call->reason, sizeof call->reason, format, arguments);
    va_end(arguments);
    return answer;
}

/* ---- Reading JSON, as far as calls need it. ---- */

static inline const char *actcheck_skip_space(const char *at) {
    return at + strspn(at, " \t\r\n");
}

/* Behind the JSON value that begins here. */
static inline const char *actcheck_skip_value(const char *at) {
    int depth = 0;
    at = actcheck_skip_space(at);
    do {
        if (*at == '"') {
            for (at++; *at && *at != '"'; at++)
                if (*at == '\\' && at[1]) at++;
            if (*at) at++;
        } else if (*at == '{' || *at == '[') {
            depth++, at++;
        } else if (*at == '}' || *at == ']') {
            depth--, at++;
        } else if (depth) {
            at += (*at != 0);
        } else {
            at += strcspn(at, ",}] \t\r\n");
        }
    } while (depth > 0 && *at);
    return at;
}

/* The value under a name in the object that begins here; NULL where it has none. */
static inline const char *actcheck_find(const char *object, const char *name) {
    const char *at = actcheck_skip_space(object);
    size_t length = strlen(name);
    if (*at++ != '{') return NULL;
    for (at = actcheck_skip_space(at); *at == '"';) {
        const char *key = at + 1, *behind = actcheck_skip_value(at);
        int found = (size_t)(behind - key - 1) == length && !strncmp(key, name, length);
        at = actcheck_skip_space(behind);
        if (*at == ':') at++;
        at = actcheck_skip_space(at);
        if (found) return at;
        at = actcheck_skip_space(actcheck_skip_value(at));
        if (*at == ',') at = actcheck_skip_space(at + 1);
    }
    return NULL;
}

/* Copies a text value that has no escapes; 1 where it is one and fits. */
static inline int actcheck_copy(const char *value, char *text, size_t size) {
    size_t length;
    if (!value || *value != '"') return 0;
    length = strcspn(value + 1, "\"");
    if (length >= size) return 0;
    memcpy(text, value + 1, length);
    text[length] = 0;
    return 1;
}

/* A number among the parameters; `otherwise` where there is none of that name. true is 1, false is 0. */
static inline double actcheck_number(const actcheck_call *call, const char *name, double otherwise) {
    const char *value = actcheck_find(call->parameters, name);
    if (!value || *value == 'n') return otherwise; /* null */
    if (*value == 't') return 1;
    if (*value == 'f') return 0;
    return strtod(value + (*value == '"'), NULL); /* "nan", "inf" and "-inf" are texts */
}

/* Whether a parameter is this text. */
static inline int actcheck_is(const actcheck_call *call, const char *name, const char *word) {
    char text[128];
    return actcheck_copy(actcheck_find(call->parameters, name), text, sizeof text) && !strcmp(text, word);
}

/* An array by its name; NULL where the call has none. */
static inline actcheck_array *actcheck_get(actcheck_call *call, const char *name) {
    for (int i = 0; i < call->arrays; i++)
        if (!strcmp(call->array[i].name, name)) return &call->array[i];
    return NULL;
}

/* ---- The conversation. ---- */

static inline size_t actcheck_size(const char *format) {
    static const struct { const char *name; size_t size; } sizes[] = {
        {"float16", 2}, {"bfloat16", 2}, {"float32", 4}, {"float64", 8}, {"bool", 1}, {"int8", 1}, {"uint8", 1},
        {"int16", 2}, {"int32", 4}, {"int64", 8}, {"complex64", 8}, {"complex128", 16},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (!strcmp(sizes[i].name, format)) return sizes[i].size;
    return 0;
}

static inline void actcheck_fail(const char *what) {
    fprintf(stderr, "actcheck.h: %s\n", what);
    exit(3);
}

/* Reads so many bytes; 0 where the input ends before the first. */
static inline int actcheck_read(void *memory, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t count = read(0, (char *)memory + done, size - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            if (done || count < 0) actcheck_fail("the input ends in the middle of a message");
            return 0;
        }
        done += (size_t)count;
    }
    return 1;
}

static inline void actcheck_write(int output, const void *memory, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t count = write(output, (const char *)memory + done, size - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) exit(0); /* nobody is there any more */
        done += (size_t)count;
    }
}

static inline void actcheck_write_text(int output, const char *text) {
    actcheck_write(output, text, strlen(text));
}

/* A line without its newline; NULL where the input ends. Byte by byte: what follows belongs to the arrays. */
static inline char *actcheck_line(char **line, size_t *room) {
    for (size_t used = 0;; used++) {
        if (used + 1 >= *room) {
            *room = *room ? 2 * *room : 1024;
            *line = realloc(*line, *room);
            if (!*line) actcheck_fail("out of memory");
        }
        if (!actcheck_read(*line + used, 1)) {
            if (used) actcheck_fail("the input ends in the middle of a line");
            return NULL;
        }
        if ((*line)[used] == '\n') {
            (*line)[used] = 0;
            return *line;
        }
    }
}

/* The arrays that a call announces, without their bytes. */
static inline void actcheck_announced(actcheck_call *call, const char *at) {
    call->arrays = 0;
    if (!at || *at != '[') actcheck_fail("a call has no arrays");
    for (at = actcheck_skip_space(at + 1); *at == '{';) {
        actcheck_array *array = &call->array[call->arrays++];
        const char *shape = actcheck_find(at, "shape");
        if (call->arrays > ACTCHECK_ARRAYS || !shape || *shape != '[' ||
            !actcheck_copy(actcheck_find(at, "name"), array->name, sizeof array->name) ||
            !actcheck_copy(actcheck_find(at, "format"), array->format, sizeof array->format) ||
            !actcheck_size(array->format))
            actcheck_fail("a call has an array that this header does not know");
        array->rank = 0;
        array->count = 1;
        for (shape = actcheck_skip_space(shape + 1); *shape && *shape != ']';) {
            char *end;
            size_t extent = strtoull(shape, &end, 10);
            if (end == shape || array->rank == ACTCHECK_RANK) actcheck_fail("a shape cannot be read");
            array->shape[array->rank++] = extent;
            array->count *= extent;
            shape = end + strspn(end, ", ");
        }
        array->bytes = array->count * actcheck_size(array->format);
        at = actcheck_skip_space(actcheck_skip_value(at));
        if (*at == ',') at = actcheck_skip_space(at + 1);
    }
    if (!call->arrays) actcheck_fail("a call has no arrays");
}

/* Memory that grows and is kept from call to call; aligned to 64 bytes. */
static inline void *actcheck_room(void **memory, size_t *room, size_t size) {
    if (!*memory || size > *room) {
        free(*memory);
        *room = size ? size : 1;
        if (posix_memalign(memory, 64, *room)) actcheck_fail("out of memory");
    }
    return *memory;
}

static inline void actcheck_reply(int output, const actcheck_call *call, int answer, const void *result) {
    static const char *const names[] = {"ok", "unsupported", "refused", "error"};
    const actcheck_array *x = &call->array[0];
    char text[2048];
    int used = snprintf(text, sizeof text, "{\"message\": \"%s\", \"id\": %ld, ", names[answer], call->id);
    if (answer == ACTCHECK_OK) {
        used += snprintf(text + used, sizeof text - used, "\"format\": \"%s\", \"shape\": [", x->format);
        for (int i = 0; i < x->rank; i++)
            used += snprintf(text + used, sizeof text - used, "%s%zu", i ? ", " : "", x->shape[i]);
        snprintf(text + used, sizeof text - used, "]}\n");
        actcheck_write_text(output, text);
        actcheck_write(output, result, x->bytes);
        actcheck_write_text(output, "\n");
        return;
    }
    used += snprintf(text + used, sizeof text - used, "\"reason\": \"");
    for (const char *c = call->reason; *c; c++)
        used += snprintf(text + used, sizeof text - used, (unsigned char)*c < 32 || *c == '"' || *c == '\\' ? "\\u%04x" : "%c", (unsigned char)*c);
    snprintf(text + used, sizeof text - used, "\"}\n");
    actcheck_write_text(output, text);
}

/* Says hello, a JSON object in one line, and answers calls until the input ends. Returns the exit status. */
static inline int actcheck_serve(const char *hello, actcheck_function function) {
    static actcheck_call call;
    static void *memory[ACTCHECK_ARRAYS + 1];
    static size_t rooms[ACTCHECK_ARRAYS + 1];
    char *line = NULL, newline;
    size_t room = 0;
    int output = dup(1);
    if (output < 0 || dup2(2, 1) < 0) actcheck_fail("standard output cannot be kept apart");
    if (!actcheck_line(&line, &room)) return 0; /* actcheck's own hello, with its version of the protocol */
    if (actcheck_number(&(actcheck_call){.parameters = line}, "protocol", 0) != 1)
        actcheck_fail("this header speaks version 1 of the protocol, and actcheck another");
    actcheck_write_text(output, hello);
    actcheck_write_text(output, "\n");
    while (actcheck_line(&line, &room)) {
        const char *id = actcheck_find(line, "id");
        int answer;
        call.parameters = actcheck_find(line, "parameters");
        if (!id || !call.parameters ||
            !actcheck_copy(actcheck_find(line, "quantity"), call.quantity, sizeof call.quantity) ||
            !actcheck_copy(actcheck_find(line, "activation"), call.activation, sizeof call.activation))
            actcheck_fail("a line is no call");
        call.id = strtol(id, NULL, 10);
        call.reason[0] = 0;
        actcheck_announced(&call, actcheck_find(line, "arrays"));
        for (int i = 0; i < call.arrays; i++) {
            actcheck_array *array = &call.array[i];
            array->data = actcheck_room(&memory[i], &rooms[i], array->bytes);
            if (array->bytes && !actcheck_read(array->data, array->bytes)) actcheck_fail("an array is missing");
        }
        if (!actcheck_read(&newline, 1) || newline != '\n') actcheck_fail("no newline follows the arrays");
        answer = function(&call, actcheck_room(&memory[ACTCHECK_ARRAYS], &rooms[ACTCHECK_ARRAYS], call.array[0].bytes));
        actcheck_reply(output, &call, answer, memory[ACTCHECK_ARRAYS]);
    }
    free(line);
    return 0;
}

#endif
