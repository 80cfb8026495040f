/* The forms of functions that take vectors.  Each jumps to that of libmvec, or calls the function for each number. */

#include <math.h>
#include <stddef.h>

#include "vectors.h"

#ifdef HAVE_VECTORS
#include <dlfcn.h>

typedef double doubles_b __attribute__((vector_size(16))), doubles_d __attribute__((vector_size(32)));
typedef double doubles_e __attribute__((vector_size(64)));
typedef float floats_b __attribute__((vector_size(16))), floats_d __attribute__((vector_size(32)));
typedef float floats_e __attribute__((vector_size(64)));

#define TARGET_b
#define TARGET_d __attribute__((target("avx2")))
#define TARGET_e __attribute__((target("avx512f")))
#define HIDDEN __attribute__((visibility("hidden")))
#define EACH for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)

#define DEFINE_v(symbol, function, vector, TARGET)                                                                     \
    TARGET __attribute__((cold)) static vector alone_##symbol(vector x)                                                \
    {                                                                                                                  \
        EACH x[i] = function(x[i]);                                                                                    \
        return x;                                                                                                      \
    }                                                                                                                  \
    static vector (*bound_##symbol)(vector) = alone_##symbol;                                                          \
    TARGET HIDDEN vector symbol(vector x) { return bound_##symbol(x); }

#define DEFINE_vv(symbol, function, vector, TARGET)                                                                    \
    TARGET __attribute__((cold)) static vector alone_##symbol(vector x, vector y)                                      \
    {                                                                                                                  \
        EACH x[i] = function(x[i], y[i]);                                                                              \
        return x;                                                                                                      \
    }                                                                                                                  \
    static vector (*bound_##symbol)(vector, vector) = alone_##symbol;                                                  \
    TARGET HIDDEN vector symbol(vector x, vector y) { return bound_##symbol(x, y); }

/* Every form of a function: for each instruction set, of doubles and of floats. */
#define FORMS(FORM, operands, function)                                                                                \
    FORM(_ZGVbN2##operands##_##function, function, doubles_b, TARGET_b)                                                \
    FORM(_ZGVdN4##operands##_##function, function, doubles_d, TARGET_d)                                                \
    FORM(_ZGVeN8##operands##_##function, function, doubles_e, TARGET_e)                                                \
    FORM(_ZGVbN4##operands##_##function##f, function##f, floats_b, TARGET_b)                                           \
    FORM(_ZGVdN8##operands##_##function##f, function##f, floats_d, TARGET_d)                                           \
    FORM(_ZGVeN16##operands##_##function##f, function##f, floats_e, TARGET_e)

#define DEFINE_1(function) FORMS(DEFINE_v, v, function)
#define DEFINE_2(function) FORMS(DEFINE_vv, vv, function)
VECTORS_222(DEFINE_1, DEFINE_2)
VECTORS_235(DEFINE_1, DEFINE_2)

#define ENTRY(symbol, function, vector, TARGET) {#symbol, (void **)&bound_##symbol},
#define ENTRY_1(function) FORMS(ENTRY, v, function)
#define ENTRY_2(function) FORMS(ENTRY, vv, function)

static const struct form {
    const char *name;
    void **bound;
} FORMS_222[] = {VECTORS_222(ENTRY_1, ENTRY_2)}, FORMS_235[] = {VECTORS_235(ENTRY_1, ENTRY_2)};

/* Whether all of these are there. */
static int bind_all(void *library, const struct form *forms, size_t count)
{
    int all = 1;
    for (size_t i = 0; i < count; i++) {
        void *found = dlsym(library, forms[i].name);
        if (found)
            *forms[i].bound = found;
        else
            all = 0;
    }
    return all;
}

int bind_vectors(void)
{
    void *library = dlopen("libmvec.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return 0;
    const int new = bind_all(library, FORMS_235, sizeof FORMS_235 / sizeof *FORMS_235);
    const int old = bind_all(library, FORMS_222, sizeof FORMS_222 / sizeof *FORMS_222);
    return !old ? 0 : new ? 235 : 222;
}
#else
int bind_vectors(void) { return 0; }
#endif
