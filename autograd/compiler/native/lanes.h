/* One block of lanes.  lanes.c includes this file once for each instruction set.

   LEVEL(name)  the name of a function for this instruction set
   TARGET       the attribute that compiles a function for it
   VECTOR       the attribute that turns double into its vector type

   A row of lanes is a whole number of vectors, so that no loop has a tail.
*/

typedef double LEVEL(vector) VECTOR;
#define vector LEVEL(vector)

/* The sum of the numbers in a vector. */
TARGET INLINE double LEVEL(total)(vector x)
{
    const double *numbers = (const double *)&x;
    double total = 0.0;
    for (size_t i = 0; i < sizeof(vector) / sizeof(double); i++)
        total += numbers[i];
    return total;
}

/* A sum, dot or affine map for `count` vectors of lanes, kept in processor registers until the end.

   The code: the operation; the row to write; whether to start from -0; the numbers of constants, of products of two
   constants, of rows, of rows times a constant, and of products of two rows; then all of these in this order.
*/
TARGET INLINE void LEVEL(combine)(const frame *f, const int32_t *code, size_t at, const int count)
{
    vector sums[MOST];
    vector *out = (vector *)ROW(f, code[1]) + at;
    double start = code[2] ? -0.0 : 0.0;
    int32_t constants = code[3], scaled_constants = code[4], terms = code[5], scaled = code[6], products = code[7];
    code += 8;
    for (; constants; constants--, code++)
        start += f->uniforms[code[0]];
    for (; scaled_constants; scaled_constants--, code += 2)
        start += f->uniforms[code[0]] * f->uniforms[code[1]];
    UNROLL for (int i = 0; i < count; i++)
        sums[i] = start - (vector){0};
    for (; terms; terms--, code++) {
        const vector *x = (vector *)ROW(f, code[0]) + at;
        UNROLL for (int i = 0; i < count; i++)
            sums[i] += x[i];
    }
    for (; scaled; scaled--, code += 2) {
        const double weight = f->uniforms[code[0]];
        const vector *x = (vector *)ROW(f, code[1]) + at;
        UNROLL for (int i = 0; i < count; i++)
            sums[i] += weight * x[i];
    }
    for (; products; products--, code += 2) {
        const vector *x = (vector *)ROW(f, code[0]) + at, *y = (vector *)ROW(f, code[1]) + at;
        UNROLL for (int i = 0; i < count; i++)
            sums[i] += x[i] * y[i];
    }
    UNROLL for (int i = 0; i < count; i++)
        out[i] = sums[i];
}

TARGET static const int32_t *LEVEL(combine_row)(const frame *f, const int32_t *code)
{
    const size_t vectors = f->width * sizeof(double) / sizeof(vector);
    const size_t parts = (vectors + MOST - 1) / MOST, size = (vectors + parts - 1) / parts; /* as even as possible */
    for (size_t at = 0; at < vectors; at += size)
        switch (size < vectors - at ? size : vectors - at) {
        case 1: LEVEL(combine)(f, code, at, 1); break;
        case 2: LEVEL(combine)(f, code, at, 2); break;
        case 3: LEVEL(combine)(f, code, at, 3); break;
        case 4: LEVEL(combine)(f, code, at, 4); break;
        case 5: LEVEL(combine)(f, code, at, 5); break;
        case 6: LEVEL(combine)(f, code, at, 6); break;
        case 7: LEVEL(combine)(f, code, at, 7); break;
        case 8: LEVEL(combine)(f, code, at, 8); break;
        }
    return code + 8 + code[3] + 2 * code[4] + code[5] + 2 * code[6] + 2 * code[7];
}

/* The inner products of one row with `count` others, each in `chains` partial sums, so that no addition waits.

   The code: the operation; that row; then for each other row the uniform register to add to, and the row.
*/
TARGET INLINE const int32_t *LEVEL(totals)(const frame *f, const int32_t *code, const int count, const int chains)
{
    vector sums[MOST];
    const vector *x = (vector *)ROW(f, code[1]), *ys[MOST];
    const size_t vectors = f->width * sizeof(double) / sizeof(vector);
    size_t i = 0;
    for (int k = 0; k < count; k++)
        ys[k] = (vector *)ROW(f, code[3 + 2 * k]);
    UNROLL for (int k = 0; k < count * chains; k++)
        sums[k] = (vector){0};
    for (; i + chains <= vectors; i += chains)
        UNROLL for (int k = 0; k < count; k++)
            UNROLL for (int c = 0; c < chains; c++)
                sums[k * chains + c] += x[i + c] * ys[k][i + c];
    for (; i < vectors; i++)
        UNROLL for (int k = 0; k < count; k++)
            sums[k * chains] += x[i] * ys[k][i];
    UNROLL for (int k = 0; k < count; k++) {
        UNROLL for (int c = 1; c < chains; c++)
            sums[k * chains] += sums[k * chains + c];
        f->uniforms[code[2 + 2 * k]] += LEVEL(total)(sums[k * chains]);
    }
    return code + 2 + 2 * count;
}

/* Sums along rows, in 16 partial sums for every instruction set, so that the order of the additions is the same.
   They start with -0, which changes no number. */

typedef struct {
    vector parts[16 * sizeof(double) / sizeof(vector)];
} LEVEL(sixteen);

/* Sixteen products added to partial sums. */
#define ADD_SIXTEEN(sums, x, y)                                                                                        \
    UNROLL for (size_t c = 0; c < sizeof(sums) / sizeof(vector); c++)(sums).parts[c] += (x)[c] * (y)[c]

TARGET INLINE LEVEL(sixteen) LEVEL(nothing)(void)
{
    LEVEL(sixteen) sums;
    UNROLL for (size_t c = 0; c < sizeof sums / sizeof(vector); c++)
        sums.parts[c] = -0.0 - (vector){0};
    return sums;
}

/* The last products, fewer than 16, added to partial sums, and all of these added up.  What lies behind the last number
   is read as well, and replaced by -0. */
TARGET INLINE double LEVEL(added_up)(LEVEL(sixteen) sums, const double *x, const double *y, size_t rest)
{
    double total[sizeof(vector) / sizeof(double)];
#if defined(__GNUC__)
    typedef int64_t bits VECTOR;
    const bits *kept = (const bits *)(KEPT + 16 - rest);
    UNROLL for (size_t c = 0; c < sizeof sums / sizeof(vector) && rest; c++) {
        const bits product = (bits)(((vector *)x)[c] * ((vector *)y)[c]);
        sums.parts[c] += (vector)((product & kept[c]) | (INT64_MIN & ~kept[c]));
    }
#else
    for (size_t c = 0; c < rest; c++) /* a vector is a number */
        sums.parts[c] += x[c] * y[c];
#endif
    for (size_t half = sizeof sums / sizeof(vector) / 2; half; half /= 2)
        UNROLL for (size_t c = 0; c < half; c++)
            sums.parts[c] += sums.parts[c + half];
    memcpy(total, &sums, sizeof(vector));
    for (size_t half = sizeof(vector) / sizeof(double) / 2; half; half /= 2)
        UNROLL for (size_t i = 0; i < half; i++)
            total[i] += total[i + half];
    return total[0];
}

/* The sum of a row times a factor. */
TARGET static double LEVEL(sum_along)(const double *x, double factor, size_t count)
{
    LEVEL(sixteen) sums = LEVEL(nothing)(), factors;
    size_t i = 0;
    UNROLL for (size_t c = 0; c < sizeof factors / sizeof(vector); c++)
        factors.parts[c] = factor - (vector){0};
    for (; i + 16 <= count; i += 16)
        ADD_SIXTEEN(sums, (vector *)(x + i), factors.parts);
    return LEVEL(added_up)(sums, x + i, (double *)&factors, count - i);
}

/* The inner products of one row with `count` others: as many as leave the partial sums in processor registers. */
TARGET INLINE const int32_t *LEVEL(dots)(double *u, const double *x, size_t length, const int32_t *code,
                                         const int count)
{
    LEVEL(sixteen) sums[MOST];
    size_t i = 0;
    UNROLL for (int k = 0; k < count; k++)
        sums[k] = LEVEL(nothing)();
    for (; i + 16 <= length; i += 16)
        UNROLL for (int k = 0; k < count; k++)
            ADD_SIXTEEN(sums[k], (vector *)(x + i), (vector *)(u + code[2 * k + 1] + i));
    UNROLL for (int k = 0; k < count; k++)
        u[code[2 * k]] += LEVEL(added_up)(sums[k], x + i, u + code[2 * k + 1] + i, length - i);
    return code + 2 * count;
}

/* The code: the operation, the length of the rows, one row, the number of others, then for each of these the register
   to add to, and the row. */
TARGET static void LEVEL(dots_along)(double *u, const int32_t *code)
{
    const int at_once = sizeof(vector) == 64 ? 8 : sizeof(vector) == 32 ? 2 : 1;
    const int32_t *other = code + 4, *end = other + 2 * code[3];
    while (end - other >= 2 * at_once)
        other = LEVEL(dots)(u, u + code[2], (size_t)code[1], other, at_once);
    while (other != end)
        other = LEVEL(dots)(u, u + code[2], (size_t)code[1], other, 1);
}
#undef ADD_SIXTEEN

/* Whether one of these numbers is nan.  Differences of each number and itself tell if they are all finite. */
TARGET static int LEVEL(has_nan)(const double *x, size_t count)
{
    LEVEL(sixteen) sums = LEVEL(nothing)();
    double total[16];
    int finite = 1;
    size_t i = 0;
    for (; i + 16 <= count; i += 16)
        UNROLL for (size_t c = 0; c < sizeof sums / sizeof(vector); c++)
            sums.parts[c] += ((vector *)(x + i))[c] - ((vector *)(x + i))[c];
    memcpy(total, &sums, sizeof total);
    for (size_t k = 0; k < 16; k++)
        finite &= total[k] == 0.0;
    for (i = finite ? i : 0; i < count; i++)
        if (x[i] != x[i])
            return 1;
    return 0;
}

TARGET static void LEVEL(run_block)(frame *f, const int32_t *code)
{
    const size_t width = f->width / PADDING * PADDING; /* tells the compiler that this is a whole number of vectors */
    for (;;)
        switch (code[0]) {
        KERNELS_1(LANES_1)
        KERNELS_2(LANES_2)
        KERNELS_3(LANES_3)
        case op_linear: { /* a x + b c; the code: the operation, the row to write, a, x, b, c */
            const double a = f->uniforms[code[2]], start = f->uniforms[code[4]] * f->uniforms[code[5]];
            const double *x = ROW(f, code[3]);
            double *out = ROW(f, code[1]);
            code += 6;
            INDEPENDENT for (size_t i = 0; i < width; i++)
                out[i] = a * x[i] + start;
            break;
        }
        case op_combine: code = LEVEL(combine_row)(f, code); break;
        case op_totals_1: code = LEVEL(totals)(f, code, 1, 4); break;
        case op_totals_2: code = LEVEL(totals)(f, code, 2, 2); break;
        case op_totals_4: code = LEVEL(totals)(f, code, 4, 1); break;
        case op_totals_8: code = LEVEL(totals)(f, code, 8, 1); break;
        case op_clear:
            for (size_t i = f->lanes; i < f->width; i++)
                ROW(f, code[1])[i] = 0.0;
            code += 2;
            break;
        default: return;
        }
}

#undef vector
#undef LEVEL
#undef TARGET
#undef VECTOR
