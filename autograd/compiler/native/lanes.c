/* The native machine: runs straight-line code on single numbers, and on many samples at once, the lanes.

   native_machine.py has encoded and checked the code: every register exists, and every instruction is complete.  A
   program has three parts.  `before` and `after` work on uniform registers, one number each, in the caller's array.
   `lanes` works on lane registers, rows of scratch memory with one number for each lane.  It runs for one block of
   lanes after the other, so that the rows stay in the cache.

   The functions of single numbers are in kernels.h, which is generated from the table of calculus.
*/

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <numpy/arrayobject.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define VECTOR_OF(bytes) __attribute__((vector_size(bytes), may_alias, aligned(8))) /* rows begin anywhere */
#define ALIGNED __attribute__((aligned(64))) /* the size of the longest vector */
#else
#define INLINE static inline
#define VECTOR_OF(bytes) /* a vector of one number */
#define ALIGNED
#endif
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed" /* loops that call functions are not vectorised */
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#define UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define INDEPENDENT _Pragma("GCC ivdep")
#define UNROLL _Pragma("GCC unroll 8")
#else
#define INDEPENDENT
#define UNROLL
#endif

#include "../../arrays/native/vectors.h"
VECTORISE

#define KERNEL INLINE
#include "kernels.h"

#define AS_OPERATION(name) op_##name,
enum {
    op_end,
    /* on uniform registers */
    op_multiply_adds,
    op_products,
    op_affine,
    op_together,
    op_row,
    op_gather,
    op_sum_along,
    op_dots_along,
    /* on rows of lanes */
    op_linear,
    op_combine,
    op_clear,
    op_totals_1,
    op_totals_2,
    op_totals_4,
    op_totals_8,
    /* on both */
    KERNELS_1(AS_OPERATION) KERNELS_2(AS_OPERATION) KERNELS_3(AS_OPERATION)
};

/* ------------------------------------------------------------------------------------------------------------------
   Uniform registers
   ------------------------------------------------------------------------------------------------------------------ */

#define UNIFORM_1(name)                                                                                                \
    case op_##name:                                                                                                    \
        u[code[1]] = kernel_##name(u[code[2]]);                                                                        \
        code += 3;                                                                                                     \
        break;
#define UNIFORM_2(name)                                                                                                \
    case op_##name:                                                                                                    \
        u[code[1]] = kernel_##name(u[code[2]], u[code[3]]);                                                            \
        code += 4;                                                                                                     \
        break;
#define UNIFORM_3(name)                                                                                                \
    case op_##name:                                                                                                    \
        u[code[1]] = kernel_##name(u[code[2]], u[code[3]], u[code[4]]);                                                \
        code += 5;                                                                                                     \
        break;

enum { LONG = 16 }; /* products; a shorter sum adds them one after the other */

typedef struct frame frame;
static const int32_t *run_together(double *u, const int32_t *code, int level);
static const int32_t *run_row(frame *f, const int32_t *code, int level);
static const int32_t *run_gather(double *u, const int32_t *code);
static const int32_t *run_sum_along(double *u, const int32_t *code, int level);
static const int32_t *run_dots_along(double *u, const int32_t *code, int level);

/* `f` is the frame of rows among the uniform registers. */
static void run_uniforms(frame *f, double *u, const int32_t *code, int level)
{
    for (;;)
        switch (code[0]) {
        KERNELS_1(UNIFORM_1)
        KERNELS_2(UNIFORM_2)
        KERNELS_3(UNIFORM_3)
        case op_multiply_adds: { /* consecutive arithmetic in one loop, without branches to predict */
            const int32_t *end = code + 2 + 4 * code[1];
            for (code += 2; code != end; code += 4)
                u[code[0]] = u[code[1]] * u[code[2]] + u[code[3]];
            break;
        }
        case op_products: {
            const int32_t *end = code + 2 + 3 * code[1];
            for (code += 2; code != end; code += 3)
                u[code[0]] = u[code[1]] * u[code[2]];
            break;
        }
        case op_affine: { /* a long sum in four parts, so that additions need not wait; -0 changes no number */
            double sums[4] = {u[code[3]], -0.0, -0.0, -0.0};
            const int32_t *end = code + 4 + 2 * code[2], *term = code + 4;
            for (; code[2] >= LONG && end - term >= 8; term += 8)
                for (int k = 0; k < 4; k++)
                    sums[k] += u[term[2 * k]] * u[term[2 * k + 1]];
            for (; term != end; term += 2)
                sums[0] += u[term[0]] * u[term[1]];
            u[code[1]] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
            code = end;
            break;
        }
        case op_together: code = run_together(u, code, level); break;
        case op_row: code = run_row(f, code, level); break;
        case op_gather: code = run_gather(u, code); break;
        case op_sum_along: code = run_sum_along(u, code, level); break;
        case op_dots_along: code = run_dots_along(u, code, level); break;
        default: return;
        }
}

/* ------------------------------------------------------------------------------------------------------------------
   Lanes
   ------------------------------------------------------------------------------------------------------------------ */

enum {
    SPARE = 16,                /* numbers behind the last register, which may be read */
    PADDING = 8,               /* rows are multiples of 8 numbers, 64 bytes, which every kind of vector divides */
    MOST = 8,                  /* vectors of partial sums: few enough to stay in the processor's registers */
    BROADCASTS = 3,            /* the most operands that a kernel has */
    CACHE = 128 << 10,         /* bytes that all rows of a block should fit into */
    PART = 1 << 13,            /* lanes whose sums are added up before those of other lanes are added to them */
    WORTH_RELEASING = 1 << 18, /* code times lanes: from here on it pays to release the GIL */
};

struct frame {
    double *uniforms;
    double *rows;
    double *sums;             /* those of the parts so far, for each total */
    double *broadcasts;       /* a row for each operand, filled with copies of a uniform register */
    int32_t held[BROADCASTS]; /* the registers that are copied there now; 0 for none */
    size_t stride;            /* the distance between rows */
    size_t broadcast_stride;  /* the distance between rows of copies */
    size_t lanes;             /* the lanes of this block */
    size_t width;             /* the same with padding, which repeats the last lane */
};

#define ROW(f, r) ((f)->rows + (size_t)(r) * (f)->stride)

INLINE const double *operand(frame *f, int32_t r, int place)
{
    if (r >= 0)
        return ROW(f, r);
    double *row = f->broadcasts + place * f->broadcast_stride;
    if (f->held[place] != r) {
        for (size_t i = 0; i < f->width; i++)
            row[i] = f->uniforms[~r];
        f->held[place] = r;
    }
    return row;
}

/* A kernel on rows; it may overwrite a row that it reads. */
#define LANES_1(name)                                                                                                  \
    case op_##name: {                                                                                                  \
        const double *x = operand(f, code[2], 0);                                                                      \
        double *out = ROW(f, code[1]);                                                                                 \
        code += 3;                                                                                                     \
        INDEPENDENT for (size_t i = 0; i < width; i++)                                                                 \
            out[i] = kernel_##name(x[i]);                                                                              \
        break;                                                                                                         \
    }
#define LANES_2(name)                                                                                                  \
    case op_##name: {                                                                                                  \
        const double *x = operand(f, code[2], 0), *y = operand(f, code[3], 1);                                         \
        double *out = ROW(f, code[1]);                                                                                 \
        code += 4;                                                                                                     \
        INDEPENDENT for (size_t i = 0; i < width; i++)                                                                 \
            out[i] = kernel_##name(x[i], y[i]);                                                                        \
        break;                                                                                                         \
    }
#define LANES_3(name)                                                                                                  \
    case op_##name: {                                                                                                  \
        const double *x = operand(f, code[2], 0), *y = operand(f, code[3], 1), *z = operand(f, code[4], 2);            \
        double *out = ROW(f, code[1]);                                                                                 \
        code += 5;                                                                                                     \
        INDEPENDENT for (size_t i = 0; i < width; i++)                                                                 \
            out[i] = kernel_##name(x[i], y[i], z[i]);                                                                  \
        break;                                                                                                         \
    }

/* 16 masks that keep a number, then 16 that do not. */
static const int64_t KEPT[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

#if defined(__GNUC__) && defined(__x86_64__)
#define LEVEL(name) name##_avx512
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma")))
#define VECTOR VECTOR_OF(64)
#include "lanes.h"

#define LEVEL(name) name##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define VECTOR VECTOR_OF(32)
#include "lanes.h"
#endif

#define LEVEL(name) name##_plain
#define TARGET
#define VECTOR VECTOR_OF(16)
#include "lanes.h"

static const struct {
    const char *name;
    void (*run_block)(frame *, const int32_t *);
    double (*sum_along)(const double *, double, size_t);
    void (*dots_along)(double *, const int32_t *);
    int (*has_nan)(const double *, size_t);
} LEVELS[] = {
    {"plain", run_block_plain, sum_along_plain, dots_along_plain, has_nan_plain},
#if defined(__GNUC__) && defined(__x86_64__)
    {"avx2", run_block_avx2, sum_along_avx2, dots_along_avx2, has_nan_avx2},
    {"avx512", run_block_avx512, sum_along_avx512, dots_along_avx512, has_nan_avx512},
#endif
};

/* The number of levels that this processor supports. */
static int count_levels(void)
{
#if defined(__GNUC__) && defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return 1;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
               ? 3
               : 2;
#else
    return 1;
#endif
}

/* ------------------------------------------------------------------------------------------------------------------
   Programs
   ------------------------------------------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *before, *lanes, *after; /* the code: bytes of int32 */
    PyObject *constants;              /* the contents of the last uniform registers: bytes of double */
    PyObject *totals;                 /* the uniform registers that are sums over all lanes: bytes of int32 */
    PyObject *outputs;                /* the lane registers that are returned: bytes of int32 */
    Py_ssize_t uniforms, registers, inputs; /* the numbers of each */
    Py_ssize_t widest, numbers;             /* the length of the longest row, and of all rows together */
    int level;
    char *scratch; /* memory for the rows, kept for the next run */
    size_t scratch_size;
} program;

#define INTS(bytes) ((const int32_t *)PyBytes_AS_STRING(bytes))
#define COUNT(bytes) (PyBytes_GET_SIZE(bytes) / (Py_ssize_t)sizeof(int32_t))

static size_t padded(size_t lanes)
{
    return (lanes + PADDING - 1) / PADDING * PADDING;
}

/* The number of lanes in a block: as many as let all rows fit into a fast cache, but enough to pay for decoding. */
static size_t block_size(const program *p, size_t lanes)
{
    size_t fit = (size_t)CACHE / sizeof(double) / (size_t)(p->registers + 1) / 64 * 64;
    fit = fit < 64 ? 64 : fit > 512 ? 512 : fit;
    return padded(lanes < fit ? lanes : fit);
}

/* One function of many single numbers, computed as lanes.

   The code: the operation, the count of numbers, the function, the registers to write, the registers to read.
*/
static const int32_t *run_together(double *u, const int32_t *code, int level)
{
    enum { ROWS = 2, WIDTH = 64 };
    double rows[ROWS][WIDTH] ALIGNED;
    const int32_t function[] = {code[2], 1, 0, op_end}, *outs = code + 3, *reads = outs + code[1];
    for (int32_t at = 0; at < code[1]; at += WIDTH) {
        const int32_t lanes = code[1] - at < WIDTH ? code[1] - at : WIDTH;
        frame f = {.rows = rows[0], .stride = WIDTH, .lanes = (size_t)lanes, .width = padded((size_t)lanes)};
        for (int32_t i = 0; i < (int32_t)f.width; i++)
            rows[0][i] = u[reads[at + (i < lanes ? i : lanes - 1)]];
        LEVELS[level].run_block(&f, function);
        for (int32_t i = 0; i < lanes; i++)
            u[outs[at + i]] = rows[1][i];
    }
    return reads + code[1];
}

/* One operation on rows of uniform registers, which begin anywhere: an instruction for lanes, with a stride of 1.

   The code: the operation, the length of the row, the size of this code, the instruction and its end.
*/
static const int32_t *run_row(frame *f, const int32_t *code, int level)
{
    double behind[PADDING], *end = f->rows + code[4] + code[1]; /* whole vectors are written; what is behind stays */
    f->lanes = (size_t)code[1];
    f->width = padded(f->lanes);
    memset(f->held, 0, sizeof f->held);
    memcpy(behind, end, sizeof behind);
    LEVELS[level].run_block(f, code + 3);
    memcpy(end, behind, sizeof behind);
    return code + code[2];
}

/* Registers copied to a row.  The code: the operation, the length of the row, its first register, those to copy. */
static const int32_t *run_gather(double *u, const int32_t *code)
{
    const int32_t count = code[1], *from = code + 3;
    double *out = u + code[2];
    for (int32_t i = 0; i < count; i++)
        out[i] = u[from[i]];
    return from + count;
}

/* The code: the operation, the length of the row, the register to add to, the row, the register of a factor. */
static const int32_t *run_sum_along(double *u, const int32_t *code, int level)
{
    u[code[2]] += LEVELS[level].sum_along(u + code[3], u[code[4]], (size_t)code[1]);
    return code + 5;
}

static const int32_t *run_dots_along(double *u, const int32_t *code, int level)
{
    LEVELS[level].dots_along(u, code);
    return code + 4 + 2 * code[3];
}

static void load(const program *p, frame *f, const Py_buffer *inputs, size_t at)
{
    for (Py_ssize_t r = 0; r < p->inputs; r++) {
        double *row = ROW(f, r);
        memcpy(row, (char *)inputs->buf + r * inputs->strides[0] + at * sizeof(double), f->lanes * sizeof(double));
        for (size_t i = f->lanes; i < f->width; i++)
            row[i] = row[f->lanes - 1];
    }
}

static void store(const program *p, const frame *f, const Py_buffer *outputs, size_t at)
{
    for (Py_ssize_t k = 0; k < COUNT(p->outputs); k++)
        memcpy((char *)outputs->buf + k * outputs->strides[0] + at * sizeof(double), ROW(f, INTS(p->outputs)[k]),
               f->lanes * sizeof(double));
}

static void run_part(const program *p, frame *f, const Py_buffer *inputs, const Py_buffer *outputs, size_t at, size_t end)
{
    for (Py_ssize_t k = 0; k < COUNT(p->totals); k++)
        f->uniforms[INTS(p->totals)[k]] = 0.0;
    for (; at < end; at += f->stride) {
        f->lanes = end - at < f->stride ? end - at : f->stride;
        f->width = padded(f->lanes);
        load(p, f, inputs, at);
        LEVELS[p->level].run_block(f, INTS(p->lanes));
        store(p, f, outputs, at);
    }
}

/* The totals are added up part by part, so that they are the same if threads share the parts. */
static void run_lanes(const program *p, frame *f, const Py_buffer *inputs, const Py_buffer *outputs)
{
    const size_t lanes = (size_t)inputs->shape[1];
    for (size_t i = 0; i < f->stride; i++)
        ROW(f, p->registers)[i] = 1.0;
    for (size_t at = 0; at < lanes; at += PART) {
        run_part(p, f, inputs, outputs, at, lanes - at < PART ? lanes : at + PART);
        for (Py_ssize_t k = 0; k < COUNT(p->totals); k++) {
            double *total = f->uniforms + INTS(p->totals)[k];
            f->sums[k] = *total = at ? f->sums[k] + *total : *total;
        }
    }
}

static void run(const program *p, frame *f, const Py_buffer *inputs, const Py_buffer *outputs)
{
    frame rows = {.uniforms = f->uniforms, .rows = f->uniforms, .stride = 1};
    rows.broadcasts = f->broadcasts + BROADCASTS * f->stride;
    rows.broadcast_stride = padded(p->widest);
    run_uniforms(&rows, f->uniforms, INTS(p->before), p->level);
    run_lanes(p, f, inputs, outputs);
    run_uniforms(&rows, f->uniforms, INTS(p->after), p->level);
}

/* ------------------------------------------------------------------------------------------------------------------
   Python
   ------------------------------------------------------------------------------------------------------------------ */

/* Get the buffer of an array of doubles with this many rows, each contiguous, and columns. */
static int get_table(PyObject *object, const char *name, Py_ssize_t rows, Py_ssize_t columns, int flags,
                     Py_buffer *view)
{
    if (PyObject_GetBuffer(object, view, PyBUF_STRIDES | PyBUF_FORMAT | flags) < 0)
        return -1;
    if (view->ndim == 2 && view->shape[0] == rows && view->shape[1] == columns && strcmp(view->format, "d") == 0 &&
        (columns <= 1 || view->strides[1] == sizeof(double)))
        return 0;
    PyErr_Format(PyExc_ValueError, "%s must be %zd contiguous rows of %zd float64 numbers", name, rows, columns);
    PyBuffer_Release(view);
    return -1;
}

static int get_uniforms(PyObject *object, Py_ssize_t count, Py_buffer *view)
{
    if (PyObject_GetBuffer(object, view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | PyBUF_WRITABLE) < 0)
        return -1;
    if (view->ndim == 1 && view->shape[0] == count && strcmp(view->format, "d") == 0)
        return 0;
    PyErr_Format(PyExc_ValueError, "uniforms must be a row of %zd float64 numbers", count);
    PyBuffer_Release(view);
    return -1;
}

/* Memory for the rows.  A second thread that runs the same program finds none here, and allocates its own. */
static char *take_scratch(program *p, size_t *size)
{
    char *memory = p->scratch;
    p->scratch = NULL;
    if (memory && p->scratch_size >= *size) {
        *size = p->scratch_size;
        return memory;
    }
    PyMem_RawFree(memory);
    return PyMem_RawMalloc(*size);
}

static void keep_scratch(program *p, char *memory, size_t size)
{
    if (p->scratch) {
        PyMem_RawFree(memory);
        return;
    }
    p->scratch = memory;
    p->scratch_size = size;
}

static int run_all(program *p, double *uniforms, const Py_buffer *inputs, const Py_buffer *outputs)
{
    const size_t alignment = PADDING * sizeof(double);
    memcpy(uniforms + p->uniforms, PyBytes_AS_STRING(p->constants), PyBytes_GET_SIZE(p->constants));
    frame f = {.uniforms = uniforms, .stride = block_size(p, (size_t)inputs->shape[1])};
    f.broadcast_stride = f.stride;
    size_t numbers = ((size_t)p->registers + 1 + BROADCASTS) * f.stride + BROADCASTS * padded(p->widest);
    numbers += (size_t)COUNT(p->totals);
    size_t size = numbers * sizeof(double) + alignment;
    char *scratch = take_scratch(p, &size);
    if (!scratch) {
        PyErr_NoMemory();
        return -1;
    }
    f.rows = (double *)(((uintptr_t)scratch + alignment - 1) / alignment * alignment);
    f.broadcasts = ROW(&f, p->registers + 1);
    f.sums = f.broadcasts + BROADCASTS * (f.stride + padded(p->widest));
    if (COUNT(p->before) + COUNT(p->lanes) * inputs->shape[1] + COUNT(p->after) + p->numbers > WORTH_RELEASING) {
        Py_BEGIN_ALLOW_THREADS;
        run(p, &f, inputs, outputs);
        Py_END_ALLOW_THREADS;
    } else
        run(p, &f, inputs, outputs);
    keep_scratch(p, scratch, size);
    return 0;
}

static Py_ssize_t count_uniforms(const program *p)
{
    return p->uniforms + PyBytes_GET_SIZE(p->constants) / (Py_ssize_t)sizeof(double) + SPARE;
}

static PyObject *program_run(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    program *p = (program *)self;
    Py_buffer uniforms, inputs, outputs;
    int failed = -1;
    if (count != 4) {
        PyErr_SetString(PyExc_TypeError, "run takes uniforms, inputs, outputs and the number of samples");
        return NULL;
    }
    Py_ssize_t samples = PyNumber_AsSsize_t(arguments[3], PyExc_OverflowError);
    if (samples == -1 && PyErr_Occurred())
        return NULL;
    if (get_uniforms(arguments[0], count_uniforms(p), &uniforms))
        return NULL;
    if (get_table(arguments[1], "inputs", p->inputs, samples, 0, &inputs))
        goto release_uniforms;
    if (get_table(arguments[2], "outputs", COUNT(p->outputs), samples, PyBUF_WRITABLE, &outputs))
        goto release_inputs;
    failed = run_all(p, uniforms.buf, &inputs, &outputs);
    PyBuffer_Release(&outputs);
release_inputs:
    PyBuffer_Release(&inputs);
release_uniforms:
    PyBuffer_Release(&uniforms);
    return failed ? NULL : Py_NewRef(Py_None);
}

static PyObject *program_new(PyTypeObject *type, PyObject *arguments, PyObject *named)
{
    static char *names[] = {"before",   "lanes",     "after",  "constants", "totals", "outputs",
                            "uniforms", "registers", "inputs", "level",     "widest", "numbers", NULL};
    PyObject *before, *lanes, *after, *constants, *totals, *outputs;
    Py_ssize_t uniforms, registers, inputs, widest, numbers;
    int level;
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "SSSSSSnnninn", names, &before, &lanes, &after, &constants,
                                     &totals, &outputs, &uniforms, &registers, &inputs, &level, &widest, &numbers))
        return NULL;
    program *p = (program *)type->tp_alloc(type, 0);
    if (!p)
        return NULL;
    p->before = Py_NewRef(before);
    p->lanes = Py_NewRef(lanes);
    p->after = Py_NewRef(after);
    p->constants = Py_NewRef(constants);
    p->totals = Py_NewRef(totals);
    p->outputs = Py_NewRef(outputs);
    p->uniforms = uniforms;
    p->registers = registers;
    p->inputs = inputs;
    p->level = level;
    p->widest = widest;
    p->numbers = numbers;
    return (PyObject *)p;
}

static void program_dealloc(PyObject *self)
{
    program *p = (program *)self;
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(p->before);
    Py_XDECREF(p->lanes);
    Py_XDECREF(p->after);
    Py_XDECREF(p->constants);
    Py_XDECREF(p->totals);
    Py_XDECREF(p->outputs);
    PyMem_RawFree(p->scratch);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef program_methods[] = {
    {"run", (PyCFunction)(void (*)(void))program_run, METH_FASTCALL,
     "run($self, uniforms, inputs, outputs, samples, /)\n--\n\nRun the code for a batch."},
    {NULL},
};

static PyType_Slot program_slots[] = {
    {Py_tp_doc, "Straight-line code, encoded and checked by autograd.compiler.native_machine."},
    {Py_tp_new, program_new},
    {Py_tp_dealloc, program_dealloc},
    {Py_tp_methods, program_methods},
    {0, NULL},
};

static PyType_Spec program_spec = {
    .name = "autograd.compiler._lanes.Program",
    .basicsize = sizeof(program),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = program_slots,
};

#include "calls.h"

/* The operations by name, with the number of operands of kernels; 0 marks the machine's own operations. */
#define OWN(name) {#name, op_##name, 0},
#define KERNEL_OF_1(name) {#name, op_##name, 1},
#define KERNEL_OF_2(name) {#name, op_##name, 2},
#define KERNEL_OF_3(name) {#name, op_##name, 3},

static const struct {
    const char *name;
    int number, operands;
} OPERATIONS[] = {
    OWN(end) OWN(multiply_adds) OWN(products) OWN(affine) OWN(linear) OWN(combine) OWN(clear) OWN(totals_1) OWN(totals_2) OWN(totals_4)
    OWN(totals_8) OWN(together) OWN(row) OWN(gather) OWN(sum_along) OWN(dots_along) KERNELS_1(KERNEL_OF_1) KERNELS_2(KERNEL_OF_2) KERNELS_3(KERNEL_OF_3)
};

static int add_tables(PyObject *module)
{
    PyObject *numbers = PyDict_New(), *arities = PyDict_New(), *levels = PyList_New(0);
    int failed = !numbers || !arities || !levels;
    for (size_t i = 0; !failed && i < sizeof OPERATIONS / sizeof *OPERATIONS; i++) {
        PyObject *number = PyLong_FromLong(OPERATIONS[i].number), *arity = PyLong_FromLong(OPERATIONS[i].operands);
        failed = !number || PyDict_SetItemString(numbers, OPERATIONS[i].name, number) < 0;
        if (!failed && OPERATIONS[i].operands > 0)
            failed = !arity || PyDict_SetItemString(arities, OPERATIONS[i].name, arity) < 0;
        Py_XDECREF(number);
        Py_XDECREF(arity);
    }
    for (int i = 0; !failed && i < count_levels(); i++) {
        PyObject *name = PyUnicode_FromString(LEVELS[i].name);
        failed = !name || PyList_Append(levels, name) < 0;
        Py_XDECREF(name);
    }
    failed = failed || PyModule_AddObjectRef(module, "NUMBERS", numbers) < 0 ||
             PyModule_AddObjectRef(module, "KERNELS", arities) < 0 ||
             PyModule_AddObjectRef(module, "LEVELS", levels) < 0 ||
             PyModule_AddIntConstant(module, "SPARE", SPARE) < 0 ||
             PyModule_AddIntConstant(module, "PART", PART) < 0;
    Py_XDECREF(numbers);
    Py_XDECREF(arities);
    Py_XDECREF(levels);
    return -failed;
}

static int add_type(PyObject *module, PyType_Spec *spec, const char *name)
{
    PyObject *type = PyType_FromSpec(spec);
    int failed = !type || PyModule_AddObjectRef(module, name, type) < 0;
    Py_XDECREF(type);
    return -failed;
}

static int execute(PyObject *module)
{
    import_array1(-1);
    bind_vectors();
    return add_type(module, &program_spec, "Program") < 0 || add_type(module, &call_spec, "Call") < 0 ||
                   add_tables(module) < 0
               ? -1
               : 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "autograd.compiler._lanes",
    .m_doc = "The C part of autograd.compiler.native_machine.",
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__lanes(void)
{
    return PyModuleDef_Init(&definition);
}
