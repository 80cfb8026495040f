/* Loops over arrays of one type.  nodes.c includes this file once for each type and each instruction set.

   REAL, NUMBER, MATH, NAME  the type and its names, as in rows.h
   LEVEL(name)               the name of a function for this type and this instruction set
   TARGET                    the attribute that compiles a function for it
*/

#define LOOP_VALUE(name)                                                                                               \
    TARGET static void LEVEL(value_##name)(const void *x, void *out, npy_intp n)                                       \
    {                                                                                                                  \
        const REAL *from = x;                                                                                          \
        REAL *to = out;                                                                                                \
        INDEPENDENT for (npy_intp i = 0; i < n; i++)                                                                   \
            to[i] = NAME(values_##name)(from[i]);                                                                       \
    }
VALUES(LOOP_VALUE)

#define LOOP_SENT(name)                                                                                                \
    TARGET static void LEVEL(sent_##name)(const void *gradient, const void *x, const void *out, void *sent,            \
                                          npy_intp n)                                                                  \
    {                                                                                                                  \
        const REAL *g = gradient, *from = x, *value = out;                                                             \
        REAL *to = sent;                                                                                               \
        INDEPENDENT for (npy_intp i = 0; i < n; i++)                                                                   \
            to[i] = NAME(sent_##name)(g[i], from[i], value[i]);                                                        \
    }

/* The quick formula, and the other one for blocks in which a slope is so small that digits would be lost. */
#define LOOP_QUICK(name)                                                                                               \
    TARGET static void LEVEL(sent_##name)(const void *gradient, const void *x, const void *out, void *sent,            \
                                          npy_intp n)                                                                  \
    {                                                                                                                  \
        const REAL *g = gradient, *from = x, *value = out;                                                             \
        REAL *to = sent;                                                                                               \
        for (npy_intp at = 0; at < n; at += BLOCK) {                                                                   \
            const npy_intp end = at + BLOCK < n ? at + BLOCK : n;                                                      \
            int flat = 0;                                                                                              \
            INDEPENDENT for (npy_intp i = at; i < end; i++) {                                                          \
                const REAL slope = NAME(quick_##name)(from[i], value[i]);                                              \
                flat |= !(slope > FLAT);                                                                               \
                to[i] = g[i] * slope;                                                                                  \
            }                                                                                                          \
            if (flat)                                                                                                  \
                INDEPENDENT for (npy_intp i = at; i < end; i++)                                                        \
                    to[i] = NAME(sent_##name)(g[i], from[i], value[i]);                                                \
        }                                                                                                              \
    }
SENT(LOOP_SENT, LOOP_QUICK)

/* x += y */
TARGET static void LEVEL(add)(void *x, const void *y, npy_intp n)
{
    REAL *to = x;
    const REAL *from = y;
    INDEPENDENT for (npy_intp i = 0; i < n; i++)
        to[i] += from[i];
}

/* Add one row to each row of a matrix. */
TARGET static void LEVEL(add_row)(void *matrix, const void *row, npy_intp rows, npy_intp columns)
{
    REAL *to = matrix;
    const REAL *from = row;
    for (npy_intp i = 0; i < rows; i++, to += columns)
        INDEPENDENT for (npy_intp j = 0; j < columns; j++)
            to[j] += from[j];
}

/* The sum of all rows of a matrix. */
TARGET static void LEVEL(sum_rows)(const void *matrix, void *row, npy_intp rows, npy_intp columns)
{
    const REAL *from = matrix;
    REAL *to = row;
    memset(to, 0, (size_t)columns * sizeof(REAL));
    for (npy_intp i = 0; i < rows; i++, from += columns)
        INDEPENDENT for (npy_intp j = 0; j < columns; j++)
            to[j] += from[j];
}

/* The sum of a vector, in double and in the same order on every instruction set. */
TARGET static void LEVEL(sum)(const void *x, void *total, npy_intp n)
{
    const REAL *from = x;
    double sums[8] = {0};
    npy_intp i = 0;
    for (; i + 8 <= n; i += 8)
        for (int k = 0; k < 8; k++)
            sums[k] += from[i + k];
    for (; i < n; i++)
        sums[i & 7] += from[i];
    *(REAL *)total = (REAL)(((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7])));
}

TARGET static int LEVEL(has_nan)(const void *x, npy_intp n)
{
    const REAL *from = x;
    int found = 0;
    for (npy_intp i = 0; i < n; i++)
        found |= from[i] != from[i];
    return found;
}

/* For each row the exponentials exp(x - max), their sum, and log(sum) - (x - max) at the label. */
TARGET static void LEVEL(softmax_terms)(const void *logits, const npy_intp *labels, void *powers, void *totals,
                                        void *losses, npy_intp rows, npy_intp columns)
{
    const REAL *x = logits;
    REAL *e = powers, *total = totals, *loss = losses;
    for (npy_intp i = 0; i < rows; i++) {
        const REAL *from = x + i * columns;
        REAL *to = e + i * columns, largest = from[0];
        for (npy_intp j = 1; j < columns; j++)
            largest = from[j] > largest ? from[j] : largest;
        if (largest - largest != 0) /* infinite or nan */
            largest = 0;
        for (npy_intp j = 0; j < columns; j++)
            to[j] = from[j] - largest;
        loss[i] = -to[labels[i]];
    }
    INDEPENDENT for (npy_intp i = 0; i < rows * columns; i++)
        e[i] = MATH(exp)(e[i]);
    for (npy_intp i = 0; i < rows; i++) {
        REAL sum = 0;
        for (npy_intp j = 0; j < columns; j++)
            sum += e[i * columns + j];
        total[i] = sum;
    }
    INDEPENDENT for (npy_intp i = 0; i < rows; i++)
        loss[i] += MATH(log)(total[i]);
}

/* For each row its exponentials, divided by their sum, less 1 at the label, all times the scale of the row. */
TARGET static void LEVEL(softmax_error)(const void *powers, const void *totals, const npy_intp *labels,
                                        const void *scales, npy_intp step, void *error, npy_intp rows,
                                        npy_intp columns)
{
    const REAL *e = powers, *total = totals, *scale = scales;
    REAL *to = error;
    for (npy_intp i = 0; i < rows; i++, e += columns, to += columns, scale += step) {
        const REAL factor = *scale / total[i];
        for (npy_intp j = 0; j < columns; j++)
            to[j] = e[j] * factor;
        to[labels[i]] -= *scale;
    }
}

#define ENTRY_VALUE(name) LEVEL(value_##name),
#define ENTRY_SENT(name) LEVEL(sent_##name),
static const loops LEVEL(table) = {
    .value = {VALUES(ENTRY_VALUE)},
    .sent = {SENT(ENTRY_SENT, ENTRY_SENT)},
    .add = LEVEL(add),
    .add_row = LEVEL(add_row),
    .sum_rows = LEVEL(sum_rows),
    .sum = LEVEL(sum),
    .has_nan = LEVEL(has_nan),
    .softmax_terms = LEVEL(softmax_terms),
    .softmax_error = LEVEL(softmax_error),
};

#undef ENTRY_SENT
#undef ENTRY_VALUE
#undef LOOP_QUICK
#undef LOOP_SENT
#undef LOOP_VALUE
#undef TARGET
#undef LEVEL
