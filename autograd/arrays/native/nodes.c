/* Array nodes: what tensor.py and sweep.py do for each node of arrays, in C.

   A node is a Tensor, a class written in Python, whose slots this module reads and writes directly.  It records
   operations, and runs the sweep of `backward()` if all nodes are Tensors.  Each of its functions handles the usual
   cases and leaves all others to the function of the same meaning in tensor.py; which rows have kernels is said in
   native_nodes.py.  The kernels of rows are in rows.h, which is generated from the table of calculus.
*/

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline, unused))
#else
#define INLINE static inline
#endif
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed" /* loops that call functions are not vectorised */
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define INDEPENDENT _Pragma("GCC ivdep")
#else
#define INDEPENDENT
#endif

/* glibc has vector versions of these functions, with errors below 4 units in the last place.
   HAVE_LIBMVEC is the version of glibc. */
#ifdef HAVE_LIBMVEC
#define VECTORISED __attribute__((simd("notinbranch")))
VECTORISED double cos(double), exp(double), log(double), sin(double), pow(double, double);
VECTORISED float cosf(float), expf(float), logf(float), sinf(float), powf(float, float);
#if HAVE_LIBMVEC >= 235
VECTORISED double acos(double), acosh(double), asin(double), asinh(double), atan(double), atanh(double), cbrt(double);
VECTORISED double cosh(double), erf(double), erfc(double), expm1(double), log10(double), log1p(double), log2(double);
VECTORISED double sinh(double), tan(double), tanh(double), atan2(double, double), hypot(double, double);
VECTORISED float acosf(float), acoshf(float), asinf(float), asinhf(float), atanf(float), atanhf(float), cbrtf(float);
VECTORISED float coshf(float), erff(float), erfcf(float), expm1f(float), log10f(float), log1pf(float), log2f(float);
VECTORISED float sinhf(float), tanf(float), tanhf(float), atan2f(float, float), hypotf(float, float);
#endif
#endif

enum { BLOCK = 64 }; /* numbers that are computed by one formula */

#define KERNEL INLINE
#define GLUE(a, b) a##b
#define JOIN(a, b) GLUE(a, b)

#define REAL double
#define NUMBER(x) x
#define MATH(function) function
#define NAME(name) name##_f64
#include "rows.h"

#if HAVE_LIBMVEC >= 235
#define KNOWN(list, K, QUICK) list##_0(K, QUICK) list##_222(K, QUICK) list##_235(K, QUICK)
#elif defined(HAVE_LIBMVEC)
#define KNOWN(list, K, QUICK) list##_0(K, QUICK) list##_222(K, QUICK)
#else
#define KNOWN(list, K, QUICK) list##_0(K, QUICK)
#endif
#define VALUES(K) KNOWN(VALUES, K, K)
#define SENT(K, QUICK) KNOWN(SENT, K, QUICK)

#define AS_VALUE(name) value_of_##name,
#define AS_SENT(name) sent_through_##name,
enum { VALUES(AS_VALUE) COUNT_OF_VALUES };
enum { SENT(AS_SENT, AS_SENT) COUNT_OF_SENT };

#define AS_STRING(name) #name,
static const char *const VALUE_NAMES[] = {VALUES(AS_STRING)}, *const SENT_NAMES[] = {SENT(AS_STRING, AS_STRING)};

typedef struct {
    void (*value[COUNT_OF_VALUES])(const void *, void *, npy_intp);
    void (*sent[COUNT_OF_SENT])(const void *, const void *, const void *, void *, npy_intp);
    void (*add)(void *, const void *, npy_intp);
    void (*add_row)(void *, const void *, npy_intp, npy_intp);
    void (*sum_rows)(const void *, void *, npy_intp, npy_intp);
    void (*sum)(const void *, void *, npy_intp);
    int (*has_nan)(const void *, npy_intp);
    void (*softmax_terms)(const void *, const npy_intp *, void *, void *, void *, npy_intp, npy_intp);
    void (*softmax_error)(const void *, const void *, const npy_intp *, const void *, npy_intp, void *, npy_intp,
                          npy_intp);
} loops;

#include "levels.h"

#define REAL float
#define NUMBER(x) x##f
#define MATH(function) function##f
#define NAME(name) name##_f32
#include "rows.h"
#include "levels.h"

static const loops *double_loops, *float_loops; /* for the best instruction set that this processor has */

static void choose_loops(void)
{
    double_loops = &table_f64_plain, float_loops = &table_f32_plain;
#if defined(__GNUC__) && defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return;
    double_loops = &table_f64_avx2, float_loops = &table_f32_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        double_loops = &table_f64_avx512, float_loops = &table_f32_avx512;
#endif
}

/* ------------------------------------------------------------------------------------------------------------------
   What this module knows of tensor.py
   ------------------------------------------------------------------------------------------------------------------ */

static PyTypeObject *Tensor;
static PyObject *Value;      /* the other kind of node */
static PyObject *listeners;  /* a dict; while it is empty, every operation is recorded and no one else is told */
static PyObject *own;        /* own(option) copies the arrays in an option */
static PyObject *constant;   /* constant(op, x) is an operand that is not a Tensor */
static PyObject *recorded;   /* recorded(op, operands, options), in Python */
static PyObject *elementwise; /* elementwise(op, operands), in Python */
static PyObject *fitted;     /* fitted(gradient, parent), in Python */
static PyObject *quiet;      /* quiet() is a context without floating-point warnings */
static PyObject *rows;       /* a dict from operations to the objects of this module that run them */
static PyObject *no_options; /* the options of elementwise nodes, which are never written to */

static struct {
    Py_ssize_t data, lent, out, op, operands, options, inputs, kept, grad, label;
} slots;

#define SLOT(node, name) (*(PyObject **)((char *)(node) + slots.name))

static struct {
    PyObject *forward, *forward_and_kept, *shortcuts, *pull, *read, *refuse, *enter, *exit, *labels, *axis, *count;
} names;

static int find_slots(void)
{
    const struct {
        const char *name;
        Py_ssize_t *offset;
    } wanted[] = {
        {"_data", &slots.data},         {"_lent", &slots.lent},       {"_out", &slots.out},       {"_op", &slots.op},
        {"_operands", &slots.operands}, {"_options", &slots.options}, {"_inputs", &slots.inputs}, {"_kept", &slots.kept},
        {"_grad", &slots.grad},         {"_label", &slots.label},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        PyObject *slot = PyObject_GetAttrString((PyObject *)Tensor, wanted[i].name);
        if (slot == NULL)
            return -1;
        if (!Py_IS_TYPE(slot, &PyMemberDescr_Type)) {
            Py_DECREF(slot);
            PyErr_Format(PyExc_TypeError, "%s is not a slot", wanted[i].name);
            return -1;
        }
        *wanted[i].offset = ((PyMemberDescrObject *)slot)->d_member->offset;
        Py_DECREF(slot);
    }
    return 0;
}

static void set_slot(PyObject **slot, PyObject *value) /* takes the reference */
{
    PyObject *before = *slot;
    *slot = value;
    Py_XDECREF(before);
}

/* ------------------------------------------------------------------------------------------------------------------
   Arrays
   ------------------------------------------------------------------------------------------------------------------ */

#define ARRAY(x) ((PyArrayObject *)(x))
#define DATA(x) PyArray_DATA(ARRAY(x))

/* The loops for an array of floats in one block of memory; NULL for any other object. */
static const loops *loops_for(PyObject *x)
{
    if (!PyArray_CheckExact(x) || !PyArray_ISCARRAY_RO(ARRAY(x)))
        return NULL;
    int type = PyArray_TYPE(ARRAY(x));
    return type == NPY_DOUBLE ? double_loops : type == NPY_FLOAT ? float_loops : NULL;
}

static int same_type(PyObject *x, PyObject *y)
{
    return PyArray_TYPE(ARRAY(x)) == PyArray_TYPE(ARRAY(y));
}

static int same_form(PyObject *x, PyObject *y)
{
    return same_type(x, y) && PyArray_SAMESHAPE(ARRAY(x), ARRAY(y));
}

/* An array like this one whose numbers are not set. */
static PyObject *empty_like(PyObject *x)
{
    return PyArray_SimpleNew(PyArray_NDIM(ARRAY(x)), PyArray_DIMS(ARRAY(x)), PyArray_TYPE(ARRAY(x)));
}

static PyObject *as_array(PyObject *x) /* takes the reference, which may be NULL */
{
    if (x == NULL || PyArray_CheckExact(x))
        return x;
    PyObject *array = PyArray_FROM_O(x);
    Py_DECREF(x);
    return array;
}

/* A matrix of floats, behaved in memory, of this type; -1 for either. */
static int is_matrix(PyObject *x, int type)
{
    return PyArray_CheckExact(x) && PyArray_NDIM(ARRAY(x)) == 2 && PyArray_ISBEHAVED_RO(ARRAY(x)) &&
           (type >= 0 ? PyArray_TYPE(ARRAY(x)) == type
                      : PyArray_TYPE(ARRAY(x)) == NPY_DOUBLE || PyArray_TYPE(ARRAY(x)) == NPY_FLOAT);
}

/* The loops of np.matmul, which call BLAS. */
typedef struct {
    PyUFuncGenericFunction run;
    void *data;
} multiplication;

static multiplication double_multiplication, float_multiplication;

static int find_multiplication(const PyUFuncObject *matmul, char type, multiplication *found)
{
    for (int i = 0; i < matmul->ntypes; i++) {
        const char *types = matmul->types + 3 * i;
        if (types[0] == type && types[1] == type && types[2] == type && matmul->functions[i] != NULL) {
            *found = (multiplication){matmul->functions[i], matmul->data ? (void *)matmul->data[i] : NULL};
            return 0;
        }
    }
    PyErr_SetString(PyExc_ImportError, "np.matmul has no loop for floats");
    return -1;
}

static int find_multiplications(void)
{
    PyObject *numpy = PyImport_ImportModule("numpy");
    PyObject *matmul = numpy ? PyObject_GetAttrString(numpy, "matmul") : NULL;
    int found = -1;
    if (matmul != NULL && PyObject_HasAttrString(matmul, "ntypes") && ((PyUFuncObject *)matmul)->nargs == 3)
        found = find_multiplication((PyUFuncObject *)matmul, NPY_DOUBLE, &double_multiplication) < 0 ||
                        find_multiplication((PyUFuncObject *)matmul, NPY_FLOAT, &float_multiplication) < 0
                    ? -1
                    : 0;
    else if (matmul != NULL)
        PyErr_SetString(PyExc_ImportError, "np.matmul is not a ufunc");
    Py_XDECREF(numpy);
    Py_XDECREF(matmul);
    return found;
}

/* The product of two matrices, each of which may be turned first. */
static PyObject *product(PyObject *x, int x_turned, PyObject *y, int y_turned)
{
    const npy_intp *rows_ = PyArray_DIMS(ARRAY(x)), *columns = PyArray_DIMS(ARRAY(y));
    const npy_intp *x_steps = PyArray_STRIDES(ARRAY(x)), *y_steps = PyArray_STRIDES(ARRAY(y));
    npy_intp shape[] = {rows_[x_turned], columns[!y_turned]}, inner = rows_[!x_turned];
    PyObject *out = PyArray_SimpleNew(2, shape, PyArray_TYPE(ARRAY(x)));
    if (out == NULL)
        return NULL;
    const npy_intp *steps = PyArray_STRIDES(ARRAY(out));
    char *arrays[] = {DATA(x), DATA(y), DATA(out)};
    const npy_intp sizes[] = {1, shape[0], inner, shape[1]};
    const npy_intp strides[] = {0, 0, 0, x_steps[x_turned], x_steps[!x_turned], y_steps[y_turned], y_steps[!y_turned],
                                steps[0], steps[1]};
    const multiplication *by = PyArray_TYPE(ARRAY(x)) == NPY_DOUBLE ? &double_multiplication : &float_multiplication;
    if (shape[0] * shape[1] * inner < 1 << 18) {
        by->run(arrays, sizes, strides, by->data);
    } else {
        Py_BEGIN_ALLOW_THREADS
        by->run(arrays, sizes, strides, by->data);
        Py_END_ALLOW_THREADS
    }
    return out;
}

/* ------------------------------------------------------------------------------------------------------------------
   The cross-entropy of labels
   ------------------------------------------------------------------------------------------------------------------ */

/* Whether all numbers of an array of npy_intp are from 0 to classes - 1. */
static int all_are_classes(PyObject *labels, size_t classes)
{
    const npy_intp *label = DATA(labels);
    size_t largest = 0; /* as unsigned integers, negative numbers are large */
    for (npy_intp i = 0; i < PyArray_SIZE(ARRAY(labels)); i++)
        largest = (size_t)label[i] > largest ? (size_t)label[i] : largest;
    return PyArray_SIZE(ARRAY(labels)) == 0 || largest < classes;
}

static int are_labels(PyObject *x)
{
    return PyArray_CheckExact(x) && PyArray_TYPE(ARRAY(x)) == NPY_INTP && PyArray_ISCARRAY_RO(ARRAY(x));
}

/* are_classes(labels, classes): None if it does not know such arrays. */
static PyObject *are_classes(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2 || !are_labels(arguments[0]))
        Py_RETURN_NONE;
    Py_ssize_t classes = PyLong_AsSsize_t(arguments[1]);
    if (classes == -1 && PyErr_Occurred())
        return NULL;
    return PyBool_FromLong(all_are_classes(arguments[0], classes < 0 ? 0 : (size_t)classes));
}

static int labels_fit(PyObject *labels, PyObject *logits)
{
    return are_labels(labels) && PyArray_NDIM(ARRAY(labels)) == 1 &&
           PyArray_DIM(ARRAY(labels), 0) == PyArray_DIM(ARRAY(logits), 0) &&
           all_are_classes(labels, (size_t)PyArray_DIM(ARRAY(logits), 1));
}

/* The sum of a vector, as an array without axes; takes the reference. */
static PyObject *sum_of(PyObject *x)
{
    PyObject *sum = PyArray_SimpleNew(0, NULL, PyArray_TYPE(ARRAY(x)));
    if (sum != NULL)
        loops_for(x)->sum(DATA(x), DATA(sum), PyArray_SIZE(ARRAY(x)));
    Py_DECREF(x);
    return sum;
}

/* softmax - one_hot times one number, or one for each sample: a function of that scale. */
typedef struct {
    PyObject_HEAD
    PyObject *powers, *totals, *labels; /* the exponentials, their sums for each sample, and the labels */
    vectorcallfunc call;
} error;

static void error_free(error *self)
{
    Py_DECREF(self->powers);
    Py_DECREF(self->totals);
    Py_DECREF(self->labels);
    PyObject_Free(self);
}

static PyObject *scaled_error(const error *self, PyObject *scale) /* takes the reference, which may be NULL */
{
    npy_intp samples = PyArray_DIM(ARRAY(self->powers), 0), classes = PyArray_DIM(ARRAY(self->powers), 1);
    const loops *run = loops_for(self->powers);
    if (scale != NULL && (!loops_for(scale) || !same_type(scale, self->powers)))
        Py_SETREF(scale, PyArray_FROM_OTF(scale, PyArray_TYPE(ARRAY(self->powers)), NPY_ARRAY_IN_ARRAY));
    if (scale == NULL)
        return NULL;
    PyObject *result = NULL;
    if (PyArray_NDIM(ARRAY(scale)) != 0 && PyArray_SIZE(ARRAY(scale)) != samples)
        PyErr_SetString(PyExc_ValueError, "there must be one scale, or one for each sample");
    else if ((result = empty_like(self->powers)) != NULL)
        run->softmax_error(DATA(self->powers), DATA(self->totals), DATA(self->labels), DATA(scale),
                           PyArray_NDIM(ARRAY(scale)) != 0, DATA(result), samples, classes);
    Py_DECREF(scale);
    return result;
}

static PyObject *error_call(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *keywords)
{
    if (PyVectorcall_NARGS(flags) != 1 || keywords != NULL) {
        PyErr_SetString(PyExc_TypeError, "it takes one scale");
        return NULL;
    }
    return scaled_error((error *)self, Py_NewRef(arguments[0]));
}

static PyTypeObject Error = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "autograd.arrays._nodes.Error",
    .tp_basicsize = sizeof(error),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = "softmax - one_hot, as a function of a scale.",
    .tp_dealloc = (destructor)error_free,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(error, call),
};

/* The losses of all samples, or their sum, and the error as a function of a scale.  NULL without an exception if it
   does not know such arrays. */
static PyObject *losses_and_error(PyObject *logits, PyObject *labels, int summed, PyObject **slope)
{
    const loops *run = loops_for(logits);
    if (run == NULL || PyArray_NDIM(ARRAY(logits)) != 2 || !labels_fit(labels, logits) ||
        PyArray_DIM(ARRAY(logits), 1) == 0)
        return NULL;
    npy_intp samples = PyArray_DIM(ARRAY(logits), 0), classes = PyArray_DIM(ARRAY(logits), 1);
    PyObject *powers = empty_like(logits);
    PyObject *totals = PyArray_SimpleNew(1, &samples, PyArray_TYPE(ARRAY(logits)));
    PyObject *losses = PyArray_SimpleNew(1, &samples, PyArray_TYPE(ARRAY(logits)));
    error *self = powers && totals && losses ? PyObject_New(error, &Error) : NULL;
    if (self == NULL) {
        Py_XDECREF(powers);
        Py_XDECREF(totals);
        Py_XDECREF(losses);
        return NULL;
    }
    *self = (error){.ob_base = self->ob_base, .powers = powers, .totals = totals, .labels = Py_NewRef(labels),
                    .call = error_call};
    run->softmax_terms(DATA(logits), DATA(labels), DATA(powers), DATA(totals), DATA(losses), samples, classes);
    *slope = (PyObject *)self;
    if (summed && (losses = sum_of(losses)) == NULL)
        Py_CLEAR(*slope);
    return losses;
}

/* softmax_terms(logits, labels, summed): the same as a pair; None if it does not know such arrays. */
static PyObject *softmax_terms(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    PyObject *slope = NULL;
    PyObject *losses = count == 3 ? losses_and_error(arguments[0], arguments[1], arguments[2] == Py_True, &slope) : NULL;
    if (losses == NULL && !PyErr_Occurred())
        Py_RETURN_NONE;
    PyObject *pair = losses ? PyTuple_Pack(2, losses, slope) : NULL;
    Py_XDECREF(losses);
    Py_XDECREF(slope);
    return pair;
}

/* x / count, where count is an option of the operation: a number, or None for 1. */
static PyObject *over_count(PyObject *x, PyObject *options)
{
    PyObject *count = PyDict_GetItemWithError(options, names.count);
    if (count == NULL || count == Py_None)
        return count == NULL && PyErr_Occurred() ? NULL : Py_NewRef(x);
    if (!PyFloat_CheckExact(count) || PyArray_NDIM(ARRAY(x)) != 0)
        return as_array(PyNumber_TrueDivide(x, count));
    PyObject *quotient = empty_like(x);
    if (quotient == NULL)
        return NULL;
    if (PyArray_TYPE(ARRAY(x)) == NPY_DOUBLE)
        *(double *)DATA(quotient) = *(double *)DATA(x) / PyFloat_AS_DOUBLE(count);
    else
        *(float *)DATA(quotient) = *(float *)DATA(x) / (float)PyFloat_AS_DOUBLE(count);
    return quotient;
}

/* The value of the cross-entropy, and its slope to keep.  NULL without an exception if it does not know such arrays. */
static PyObject *cross_entropy(PyObject *logits, PyObject *options, PyObject **kept)
{
    PyObject *labels = PyDict_GetItem(options, names.labels), *axis = PyDict_GetItem(options, names.axis);
    PyObject *count = PyDict_GetItem(options, names.count);
    if (!labels || !count || !axis || !PyLong_CheckExact(axis) || PyLong_AsLong(axis) != 1)
        return PyErr_Clear(), NULL;
    PyObject *losses = losses_and_error(logits, labels, count != Py_None, kept);
    if (losses != NULL && count != Py_None)
        Py_SETREF(losses, over_count(losses, options));
    return losses;
}

static PyObject *cross_entropy_sent(const error *self, PyObject *gradient, PyObject *options)
{
    return scaled_error(self, over_count(gradient, options));
}

/* ------------------------------------------------------------------------------------------------------------------
   Recording
   ------------------------------------------------------------------------------------------------------------------ */

/* The present data of a Tensor, as Tensor._read returns it. */
static PyObject *read_data(PyObject *node)
{
    if (SLOT(node, data) == NULL || SLOT(node, lent) == NULL) {
        PyErr_SetString(PyExc_AttributeError, "a Tensor that was made without its constructor");
        return NULL;
    }
    return SLOT(node, lent) == Py_None ? Py_NewRef(SLOT(node, data)) : PyObject_CallMethodNoArgs(node, names.read);
}

/* A node; takes the references of what it computed and read. */
static PyObject *new_node(PyObject *out, PyObject *op, PyObject *operands, PyObject *options, PyObject *inputs,
                          PyObject *kept)
{
    PyObject *node = out == NULL ? NULL : Tensor->tp_alloc(Tensor, 0);
    if (node == NULL) {
        Py_XDECREF(out);
        Py_XDECREF(operands);
        Py_XDECREF(options);
        Py_XDECREF(inputs);
        Py_XDECREF(kept);
        return NULL;
    }
    SLOT(node, data) = out;
    SLOT(node, out) = Py_NewRef(out);
    SLOT(node, op) = Py_NewRef(op);
    SLOT(node, operands) = operands;
    SLOT(node, options) = options;
    SLOT(node, inputs) = inputs;
    SLOT(node, kept) = kept ? kept : Py_NewRef(Py_None);
    SLOT(node, grad) = Py_NewRef(Py_None);
    SLOT(node, label) = Py_NewRef(Py_None);
    SLOT(node, lent) = Py_NewRef(Py_None);
    return node;
}

/* How an operation is run.  For a row of the table with one operand it is also a function that records it. */
typedef struct {
    PyObject_HEAD
    PyObject *op;
    PyObject *compute;                             /* the function of NumPy that computes the value */
    int value, sent;                               /* the kernels of the row; negative if there is none */
    int is_affine, is_cross_entropy;               /* whether the operation is one of these */
    int products[3][4];                            /* for an affine map: its value, what is sent to x and weight */
    vectorcallfunc call;
} row;

static PyObject *value_of(const row *self, PyObject *x)
{
    const loops *run = self->value >= 0 ? loops_for(x) : NULL;
    if (run != NULL) {
        PyObject *out = empty_like(x);
        if (out != NULL)
            run->value[self->value](DATA(x), DATA(out), PyArray_SIZE(ARRAY(x)));
        return out;
    }
    PyObject *out = as_array(PyObject_CallOneArg(self->compute, x));
    if (out != NULL && !same_type(out, x))
        Py_SETREF(out, PyArray_Cast(ARRAY(out), PyArray_TYPE(ARRAY(x))));
    return out;
}

static PyObject *row_call(PyObject *callable, PyObject *const *arguments, size_t flags, PyObject *keywords)
{
    row *self = (row *)callable;
    if (PyVectorcall_NARGS(flags) != 1 || keywords != NULL) {
        PyErr_SetString(PyExc_TypeError, "it takes one operand");
        return NULL;
    }
    PyObject *x = arguments[0], *operands = PyTuple_Pack(1, x), *node = NULL;
    if (operands == NULL)
        return NULL;
    if (Py_IS_TYPE(x, Tensor) && PyDict_GET_SIZE(listeners) == 0) {
        PyObject *data = read_data(x), *inputs = data ? PyTuple_Pack(1, data) : NULL;
        PyObject *out = inputs ? value_of(self, data) : NULL;
        Py_XDECREF(data);
        return new_node(out, self->op, operands, Py_NewRef(no_options), inputs, NULL);
    }
    node = PyObject_CallFunctionObjArgs(elementwise, self->op, operands, NULL);
    Py_DECREF(operands);
    return node;
}

/* Two of x, weight and the gradient of an affine map multiplied: left, whether it is turned, right and the same, where
   -1 stands for the gradient. */
static PyObject *affine_product(const int *places, PyObject *const *operands, PyObject *gradient)
{
    return product(places[0] < 0 ? gradient : operands[places[0]], places[1],
                   places[2] < 0 ? gradient : operands[places[2]], places[3]);
}

/* Whether the operands of an affine map are matrices of one type, and the bias, if there is one, fits. */
static int fit_affinely(PyObject *const *operands, Py_ssize_t count)
{
    PyObject *x = operands[0], *weight = operands[1];
    if (!is_matrix(x, -1) || !is_matrix(weight, PyArray_TYPE(ARRAY(x))) ||
        PyArray_DIM(ARRAY(x), 1) != PyArray_DIM(ARRAY(weight), 1))
        return 0;
    PyObject *bias = count == 3 ? operands[2] : NULL;
    return bias == NULL || (loops_for(bias) && same_type(bias, x) && PyArray_NDIM(ARRAY(bias)) == 1 &&
                            PyArray_DIM(ARRAY(bias), 0) == PyArray_DIM(ARRAY(weight), 0));
}

static PyObject *affine_value(const row *self, PyObject *const *operands, Py_ssize_t count)
{
    PyObject *out = affine_product(self->products[0], operands, NULL);
    if (out != NULL && count == 3)
        loops_for(out)->add_row(DATA(out), DATA(operands[2]), PyArray_DIM(ARRAY(out), 0), PyArray_DIM(ARRAY(out), 1));
    return out;
}

/* An operand as a node keeps it: a Tensor itself, an array copied. */
static PyObject *kept_operand(PyObject *op, PyObject *x)
{
    if (PyObject_TypeCheck(x, Tensor))
        return Py_NewRef(x);
    if (PyArray_CheckExact(x) && PyArray_ISWRITEABLE(ARRAY(x)) &&
        (PyArray_TYPE(ARRAY(x)) == NPY_DOUBLE || PyArray_TYPE(ARRAY(x)) == NPY_FLOAT) && PyArray_ISBEHAVED(ARRAY(x)))
        return PyArray_NewCopy(ARRAY(x), NPY_KEEPORDER);
    return PyObject_CallFunctionObjArgs(constant, op, x, NULL);
}

/* Options as a node keeps them: with copies of arrays and lists. */
static PyObject *kept_options(PyObject *options)
{
    PyObject *name, *option, *copy = Py_NewRef(options);
    Py_ssize_t position = 0;
    while (PyDict_Next(options, &position, &name, &option)) {
        if (!PyArray_Check(option) && !PyList_Check(option) && !PyTuple_Check(option))
            continue;
        PyObject *owned = PyArray_CheckExact(option) && PyArray_TYPE(ARRAY(option)) != NPY_OBJECT
                              ? PyArray_NewCopy(ARRAY(option), NPY_CORDER)
                              : PyObject_CallOneArg(own, option);
        if (owned != NULL && copy == options)
            Py_SETREF(copy, PyDict_Copy(options));
        if (owned == NULL || copy == NULL || PyDict_SetItem(copy, name, owned) < 0)
            Py_CLEAR(copy);
        Py_XDECREF(owned);
        if (copy == NULL)
            return NULL;
    }
    return copy;
}

/* The value of an array operation, and what it keeps for the sweep. */
static PyObject *computed(PyObject *op, PyObject *inputs, PyObject *options, PyObject **kept)
{
    PyObject *const *arrays = &PyTuple_GET_ITEM(inputs, 0);
    Py_ssize_t count = PyTuple_GET_SIZE(inputs);
    row *known = (row *)PyDict_GetItemWithError(rows, op);
    if (known == NULL && PyErr_Occurred())
        return NULL;
    if (known != NULL && known->is_affine && fit_affinely(arrays, count))
        return affine_value(known, arrays, count);
    if (known != NULL && known->is_cross_entropy) {
        PyObject *losses = cross_entropy(arrays[0], options, kept);
        if (losses != NULL || PyErr_Occurred())
            return losses;
    }
    PyObject *function = PyObject_GetAttr(op, names.forward_and_kept);
    const int keeps = function != NULL && function != Py_None;
    if (function == Py_None)
        Py_SETREF(function, PyObject_GetAttr(op, names.forward));
    PyObject *found = function ? PyObject_VectorcallDict(function, arrays, (size_t)count, options) : NULL;
    Py_XDECREF(function);
    if (found == NULL || !keeps)
        return as_array(found);
    PyObject *out = NULL;
    if (PyArg_ParseTuple(found, "OO", &out, kept)) {
        Py_INCREF(*kept);
        out = as_array(Py_NewRef(out));
    }
    Py_DECREF(found);
    return out;
}

static PyObject *record(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 3 || !PyTuple_Check(arguments[1]) || !PyDict_Check(arguments[2])) {
        PyErr_SetString(PyExc_TypeError, "record takes an operation, a tuple of operands and a dict of options");
        return NULL;
    }
    PyObject *op = arguments[0];
    if (PyDict_GET_SIZE(listeners) != 0)
        return PyObject_Vectorcall(recorded, arguments, 3, NULL);
    Py_ssize_t n = PyTuple_GET_SIZE(arguments[1]);
    PyObject *operands = PyTuple_New(n), *inputs = PyTuple_New(n), *options = NULL, *kept = NULL;
    if (operands == NULL || inputs == NULL)
        goto error;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *operand = kept_operand(op, PyTuple_GET_ITEM(arguments[1], i));
        if (operand == NULL)
            goto error;
        PyTuple_SET_ITEM(operands, i, operand);
        PyObject *input = PyObject_TypeCheck(operand, Tensor) ? read_data(operand) : Py_NewRef(operand);
        if (input == NULL)
            goto error;
        PyTuple_SET_ITEM(inputs, i, input);
    }
    if ((options = kept_options(arguments[2])) == NULL)
        goto error;
    PyObject *out = computed(op, inputs, options, &kept);
    return new_node(out, op, operands, options, inputs, kept);
error:
    Py_XDECREF(operands);
    Py_XDECREF(inputs);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------------------------
   The graph of a sweep
   ------------------------------------------------------------------------------------------------------------------ */

typedef struct {
    PyObject *node;
    Py_ssize_t place; /* in the topological order; -1 before it is known */
} entry;

typedef struct {
    PyObject **nodes;     /* in topological order */
    PyObject **gradients; /* what has arrived at each of them; NULL for nothing */
    Py_ssize_t count, room;
    entry *entries; /* a hash table */
    size_t size, used;
    PyObject *quiet; /* the context in which Python is called, after the first call */
} graph;

static void release(graph *g)
{
    for (Py_ssize_t i = 0; i < g->count; i++) {
        Py_DECREF(g->nodes[i]);
        if (g->gradients != NULL)
            Py_XDECREF(g->gradients[i]);
    }
    PyMem_Free(g->nodes);
    PyMem_Free(g->gradients);
    PyMem_Free(g->entries);
}

/* The entry of a node, which is empty if it has none yet. */
static entry *find(const graph *g, PyObject *node)
{
    size_t at = ((uintptr_t)node >> 4) * (size_t)0x9E3779B97F4A7C15u;
    for (at ^= at >> 29;; at++) {
        entry *found = &g->entries[at & (g->size - 1)];
        if (found->node == node || found->node == NULL)
            return found;
    }
}

static int enter(graph *g, PyObject *node)
{
    if (2 * g->used >= g->size) {
        graph larger = {.size = g->size ? 2 * g->size : 64};
        larger.entries = PyMem_Calloc(larger.size, sizeof(entry));
        if (larger.entries == NULL)
            return PyErr_NoMemory(), -1;
        for (size_t i = 0; i < g->size; i++)
            if (g->entries[i].node != NULL)
                *find(&larger, g->entries[i].node) = g->entries[i];
        PyMem_Free(g->entries);
        g->entries = larger.entries, g->size = larger.size;
    }
    entry *found = find(g, node);
    if (found->node != NULL)
        return 0;
    *found = (entry){node, -1};
    g->used++;
    return 1;
}

static int list_node(graph *g, PyObject *node)
{
    if (g->count == g->room) {
        Py_ssize_t room = g->room ? 2 * g->room : 32;
        PyObject **nodes = PyMem_Realloc(g->nodes, (size_t)room * sizeof *nodes);
        if (nodes == NULL)
            return PyErr_NoMemory(), -1;
        g->nodes = nodes, g->room = room;
    }
    find(g, node)->place = g->count;
    g->nodes[g->count++] = Py_NewRef(node);
    return 0;
}

/* Whether an operand is an edge to a Tensor (1) or a constant (0); -1 if it is a node of another kind. */
static int is_edge(PyObject *x)
{
    if (Py_IS_TYPE(x, Tensor))
        return 1;
    if (PyArray_CheckExact(x) || PyFloat_CheckExact(x) || PyLong_CheckExact(x))
        return 0;
    return PyObject_TypeCheck(x, Tensor) || PyObject_TypeCheck(x, (PyTypeObject *)Value) ? -1 : 0;
}

static PyObject *const *items(PyObject *sequence) /* of a list or a tuple */
{
    return PyTuple_Check(sequence) ? &PyTuple_GET_ITEM(sequence, 0) : PySequence_Fast_ITEMS(sequence);
}

static Py_ssize_t items_count(PyObject *sequence)
{
    return PyTuple_Check(sequence) ? PyTuple_GET_SIZE(sequence) : PyList_GET_SIZE(sequence);
}

/* Whether the slots hold what tensor.py stores there. */
static int is_complete(PyObject *node)
{
    PyObject *operands = SLOT(node, operands), *inputs = SLOT(node, inputs), *data = SLOT(node, data);
    return operands != NULL && PyTuple_Check(operands) && inputs != NULL &&
           (PyTuple_Check(inputs) || PyList_Check(inputs)) && items_count(inputs) == PyTuple_GET_SIZE(operands) &&
           data != NULL && PyArray_CheckExact(data) && SLOT(node, out) && SLOT(node, op) && SLOT(node, options) &&
           SLOT(node, kept) && SLOT(node, grad) && SLOT(node, lent);
}

/* The nodes in the order of sweep.topological_order.  Returns 1, 0 if one of them is not a plain Tensor, -1 for an
   error. */
static int topological_order(graph *g, PyObject *output)
{
    PyObject **stack = NULL;
    Py_ssize_t depth = 0, room = 0;
    int ordered = -1;
    for (PyObject *node = output; node != NULL; node = depth ? stack[--depth] : NULL) {
        if (node == Py_None) { /* all parents of the node below it have been listed */
            if (list_node(g, stack[--depth]) < 0)
                goto done;
            continue;
        }
        int fresh = enter(g, node);
        if (fresh < 0)
            goto done;
        if (!fresh)
            continue;
        if (!is_complete(node)) {
            ordered = 0;
            goto done;
        }
        PyObject *operands = SLOT(node, operands);
        Py_ssize_t n = PyTuple_GET_SIZE(operands), edges = 0;
        if (depth + n + 2 > room) {
            room = 2 * (depth + n + 2);
            PyObject **longer = PyMem_Realloc(stack, (size_t)room * sizeof *stack);
            if (longer == NULL) {
                PyErr_NoMemory();
                goto done;
            }
            stack = longer;
        }
        stack[depth] = node, stack[depth + 1] = Py_None;
        for (Py_ssize_t i = n; i-- > 0;) {
            int edge = is_edge(PyTuple_GET_ITEM(operands, i));
            if (edge < 0) {
                ordered = 0;
                goto done;
            }
            if (edge)
                stack[depth + 2 + edges++] = PyTuple_GET_ITEM(operands, i);
        }
        if (edges)
            depth += 2 + edges;
        else if (list_node(g, node) < 0)
            goto done;
    }
    ordered = 1;
done:
    PyMem_Free(stack);
    return ordered;
}

/* ------------------------------------------------------------------------------------------------------------------
   The sweep
   ------------------------------------------------------------------------------------------------------------------ */

/* Infinities and nan follow IEEE arithmetic, without warnings, also in functions of Python. */
static int be_quiet(graph *g)
{
    if (g->quiet != NULL)
        return 0;
    PyObject *context = PyObject_CallNoArgs(quiet), *entered = NULL;
    if (context != NULL && (entered = PyObject_CallMethodNoArgs(context, names.enter)) != NULL)
        g->quiet = context;
    else
        Py_XDECREF(context);
    Py_XDECREF(entered);
    return g->quiet == NULL ? -1 : 0;
}

static int no_longer_quiet(graph *g)
{
    if (g->quiet == NULL)
        return 0;
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    PyObject *left = PyObject_CallMethodObjArgs(g->quiet, names.exit, Py_None, Py_None, Py_None, NULL);
    Py_CLEAR(g->quiet);
    Py_XDECREF(left);
    if (left == NULL && type == NULL)
        return -1;
    PyErr_Restore(type, error, traceback);
    return 0;
}

/* x + y, in the memory of x if nothing else holds it; takes both references. */
static PyObject *added(PyObject *x, PyObject *y)
{
    PyObject *sum;
    const loops *run = Py_REFCNT(x) == 1 ? loops_for(x) : NULL;
    if (run != NULL && PyArray_NDIM(ARRAY(x)) && PyArray_ISWRITEABLE(ARRAY(x)) && PyArray_BASE(ARRAY(x)) == NULL &&
        loops_for(y) && same_form(x, y)) {
        run->add(DATA(x), DATA(y), PyArray_SIZE(ARRAY(x)));
        sum = Py_NewRef(x);
    } else {
        sum = PyNumber_Add(x, y);
    }
    Py_DECREF(x);
    Py_DECREF(y);
    return sum;
}

/* Add a contribution to the gradient of a parent; takes the reference, which may be NULL after an error. */
static int give(graph *g, PyObject *parent, PyObject *contribution)
{
    if (contribution == NULL)
        return -1;
    entry *found = find(g, parent);
    if (found->node == NULL) {
        Py_DECREF(contribution);
        PyErr_SetString(PyExc_RuntimeError, "a gradient was sent to a node that is not a parent");
        return -1;
    }
    PyObject **gradient = &g->gradients[found->place];
    *gradient = *gradient == NULL ? contribution : added(*gradient, contribution);
    return *gradient == NULL ? -1 : 0;
}

/* The same for whatever an operation sends, which may have to be summed to the shape of the parent. */
static int give_fitted(graph *g, PyObject *parent, PyObject *sent)
{
    if (sent != NULL && !(PyArray_CheckExact(sent) && same_form(sent, SLOT(parent, data))))
        Py_SETREF(sent, PyObject_CallFunctionObjArgs(fitted, sent, parent, NULL));
    return give(g, parent, sent);
}

/* Raise the error of Tensor._refuse if an operand, or the node itself, has changed since the operation read it. */
static int refuse_changes(PyObject *node)
{
    PyObject *operands = SLOT(node, operands), *const *inputs = items(SLOT(node, inputs));
    for (Py_ssize_t i = 0; i <= PyTuple_GET_SIZE(operands); i++) {
        const int last = i == PyTuple_GET_SIZE(operands);
        PyObject *x = last ? node : PyTuple_GET_ITEM(operands, i);
        if (!Py_IS_TYPE(x, Tensor))
            continue;
        PyObject *now = read_data(x);
        if (now == NULL)
            return -1;
        Py_DECREF(now);
        if (now != (last ? SLOT(node, out) : inputs[i])) {
            Py_XDECREF(PyObject_CallMethodOneArg(node, names.refuse, x));
            return -1;
        }
    }
    return 0;
}

/* What the kernels of a row send.  Returns 1, 0 if they do not know such arrays, -1 for an error. */
static int send_by_row(graph *g, const row *known, PyObject *node, PyObject *gradient)
{
    PyObject *operands = SLOT(node, operands), *const *inputs = items(SLOT(node, inputs)), *out = SLOT(node, out);
    const loops *run = loops_for(gradient);
    if (run == NULL || !same_form(gradient, out))
        return 0;
    if (known->sent >= 0) {
        if (!loops_for(inputs[0]) || !same_form(inputs[0], out) || !loops_for(out))
            return 0;
        PyObject *sent = empty_like(out);
        if (sent != NULL)
            run->sent[known->sent](DATA(gradient), DATA(inputs[0]), DATA(out), DATA(sent), PyArray_SIZE(ARRAY(out)));
        return give(g, PyTuple_GET_ITEM(operands, 0), sent) < 0 ? -1 : 1;
    }
    if (known->is_cross_entropy && Py_IS_TYPE(SLOT(node, kept), &Error))
        return give(g, PyTuple_GET_ITEM(operands, 0),
                    cross_entropy_sent((error *)SLOT(node, kept), gradient, SLOT(node, options))) < 0 ? -1 : 1;
    if (!known->is_affine || !fit_affinely(inputs, PyTuple_GET_SIZE(operands)))
        return 0;
    for (int place = 0; place < PyTuple_GET_SIZE(operands); place++) {
        PyObject *parent = PyTuple_GET_ITEM(operands, place), *sent;
        if (!Py_IS_TYPE(parent, Tensor))
            continue;
        if (place < 2)
            sent = affine_product(known->products[place + 1], inputs, gradient);
        else if ((sent = empty_like(inputs[2])) != NULL)
            run->sum_rows(DATA(gradient), DATA(sent), PyArray_DIM(ARRAY(out), 0), PyArray_DIM(ARRAY(out), 1));
        if (give(g, parent, sent) < 0)
            return -1;
    }
    return 1;
}

/* What the shortcuts of an operation send, which are functions of what it kept. */
static int send_by_shortcuts(graph *g, PyObject *node, PyObject *gradient)
{
    PyObject *operands = SLOT(node, operands), *shortcuts = PyObject_GetAttr(SLOT(node, op), names.shortcuts);
    int sending = shortcuts == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; !sending && i < PyTuple_GET_SIZE(operands); i++)
        if (Py_IS_TYPE(PyTuple_GET_ITEM(operands, i), Tensor)) {
            PyObject *arguments[] = {SLOT(node, kept), gradient}, *shortcut = PySequence_GetItem(shortcuts, i);
            PyObject *sent = shortcut ? PyObject_VectorcallDict(shortcut, arguments, 2, SLOT(node, options)) : NULL;
            Py_XDECREF(shortcut);
            sending = give_fitted(g, PyTuple_GET_ITEM(operands, i), sent);
        }
    Py_XDECREF(shortcuts);
    return sending;
}

/* What the node's own method sends. */
static int send_by_method(graph *g, PyObject *node, PyObject *gradient)
{
    PyObject *found = PyObject_CallMethodOneArg(node, names.pull, gradient);
    PyObject *pairs = found ? PySequence_List(found) : NULL;
    int sending = pairs == NULL ? -1 : 0;
    Py_XDECREF(found);
    for (Py_ssize_t i = 0; !sending && i < PyList_GET_SIZE(pairs); i++) {
        PyObject *pair = PyList_GET_ITEM(pairs, i);
        sending = give(g, PyTuple_GET_ITEM(pair, 0), Py_NewRef(PyTuple_GET_ITEM(pair, 1)));
    }
    Py_XDECREF(pairs);
    return sending;
}

static int send(graph *g, PyObject *node, PyObject *gradient)
{
    row *known = (row *)PyDict_GetItemWithError(rows, SLOT(node, op));
    if (known == NULL && PyErr_Occurred())
        return -1;
    if (known != NULL) {
        int sent = refuse_changes(node) < 0 ? -1 : send_by_row(g, known, node, gradient);
        if (sent)
            return sent < 0 ? -1 : 0;
    }
    if (be_quiet(g) < 0)
        return -1;
    if (SLOT(node, kept) == Py_None || !PyArray_CheckExact(gradient))
        return send_by_method(g, node, gradient);
    return refuse_changes(node) < 0 ? -1 : send_by_shortcuts(g, node, gradient);
}

/* Whether the gradient of a leaf has nan in it: then the sweep must be repeated with masks. */
static int meets_nan(const graph *g)
{
    for (Py_ssize_t i = 0; i < g->count; i++) {
        PyObject *gradient = g->gradients[i];
        if (gradient == NULL || SLOT(g->nodes[i], op) != Py_None)
            continue;
        PyObject *x = loops_for(gradient) ? Py_NewRef(gradient)
                                          : PyArray_FROM_OTF(gradient, NPY_DOUBLE, NPY_ARRAY_IN_ARRAY);
        if (x == NULL)
            return -1;
        int found = (PyArray_TYPE(ARRAY(x)) == NPY_DOUBLE ? double_loops : float_loops)
                        ->has_nan(DATA(x), PyArray_SIZE(ARRAY(x)));
        Py_DECREF(x);
        if (found)
            return 1;
    }
    return 0;
}

/* Whether another node took this gradient before; only one that is held elsewhere can have been taken. */
static int is_taken(PyObject *taken, PyObject *gradient)
{
    if (Py_REFCNT(gradient) == 1)
        return 0;
    PyObject *id = PyLong_FromVoidPtr(gradient);
    int before = id ? PySet_Contains(taken, id) : -1;
    if (before == 0 && PySet_Add(taken, id) < 0)
        before = -1;
    Py_XDECREF(id);
    return before;
}

/* What Tensor.receive does for every node, from the output to the leaves. */
static int receive_all(graph *g)
{
    PyObject *taken = PySet_New(NULL);
    int done = taken == NULL ? -1 : 0;
    for (Py_ssize_t i = g->count; done == 0 && i-- > 0;) {
        PyObject *node = g->nodes[i], *gradient = g->gradients[i], *data = SLOT(node, data);
        if (gradient == NULL)
            gradient = PyArray_ZEROS(PyArray_NDIM(ARRAY(data)), PyArray_DIMS(ARRAY(data)), PyArray_TYPE(ARRAY(data)), 0);
        g->gradients[i] = NULL;
        int before = gradient ? is_taken(taken, gradient) : -1;
        if (before >= 0 && SLOT(node, op) == Py_None) {
            if (before || (PyArray_Check(gradient) && PyArray_BASE(ARRAY(gradient)) != NULL))
                Py_SETREF(gradient, PyNumber_Positive(gradient));
            if (gradient != NULL && SLOT(node, grad) != Py_None)
                Py_SETREF(gradient, PyNumber_Add(SLOT(node, grad), gradient));
        }
        if (before < 0 || gradient == NULL) {
            Py_XDECREF(gradient);
            done = -1;
        } else {
            set_slot(&SLOT(node, grad), gradient);
        }
    }
    Py_XDECREF(taken);
    return done;
}

static int sweep(graph *g)
{
    for (Py_ssize_t i = g->count; i-- > 0;) {
        PyObject *gradient = g->gradients[i], *node = g->nodes[i];
        if (gradient == NULL || SLOT(node, op) == Py_None)
            continue;
        Py_INCREF(gradient);
        int sent = send(g, node, gradient);
        Py_DECREF(gradient);
        if (sent < 0)
            return -1;
    }
    return 0;
}

/* The gradient to start with: 1 if none is given and the output is one number, or a copy of an array that fits.  NULL
   without an exception for all others. */
static PyObject *seed_for(PyObject *data, PyObject *given)
{
    if (data == NULL || !loops_for(data))
        return NULL;
    if (PyArray_CheckExact(given))
        return same_form(given, data) ? PyArray_NewCopy(ARRAY(given), NPY_KEEPORDER) : NULL;
    if (given != Py_None || PyArray_SIZE(ARRAY(data)) != 1)
        return NULL;
    PyObject *seed = empty_like(data);
    if (seed != NULL && PyArray_TYPE(ARRAY(data)) == NPY_DOUBLE)
        *(double *)DATA(seed) = 1;
    else if (seed != NULL)
        *(float *)DATA(seed) = 1;
    return seed;
}

/* backward(output, seed): set the gradient of every node.  False if it did nothing, because there are other kinds of
   nodes, or another seed, or because the gradients of leaves have nan in them. */
static PyObject *backward(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2 || !Py_IS_TYPE(arguments[0], Tensor))
        Py_RETURN_FALSE;
    PyObject *seed = seed_for(SLOT(arguments[0], data), arguments[1]);
    if (seed == NULL) {
        if (PyErr_Occurred())
            return NULL;
        Py_RETURN_FALSE;
    }
    graph g = {0};
    int done = topological_order(&g, arguments[0]);
    if (done > 0 && (g.gradients = PyMem_Calloc((size_t)g.count, sizeof *g.gradients)) == NULL)
        PyErr_NoMemory(), done = -1;
    if (done > 0) {
        g.gradients[g.count - 1] = Py_NewRef(seed);
        done = sweep(&g) < 0 ? -1 : 1;
        if (no_longer_quiet(&g) < 0)
            done = -1;
        int nan = done > 0 ? meets_nan(&g) : 0;
        done = nan < 0 ? -1 : nan ? 0 : done;
        if (done > 0 && receive_all(&g) < 0)
            done = -1;
    }
    release(&g);
    Py_DECREF(seed);
    return done < 0 ? NULL : PyBool_FromLong(done);
}

/* ------------------------------------------------------------------------------------------------------------------
   The module
   ------------------------------------------------------------------------------------------------------------------ */

static int row_traverse(row *self, visitproc visit, void *arg)
{
    Py_VISIT(self->op);
    Py_VISIT(self->compute);
    return 0;
}

static int row_clear(row *self)
{
    Py_CLEAR(self->op);
    Py_CLEAR(self->compute);
    return 0;
}

static void row_free(row *self)
{
    PyObject_GC_UnTrack(self);
    row_clear(self);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyTypeObject Row = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "autograd.arrays._nodes.Row",
    .tp_basicsize = sizeof(row),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = "How an operation is run.",
    .tp_dealloc = (destructor)row_free,
    .tp_traverse = (traverseproc)row_traverse,
    .tp_clear = (inquiry)row_clear,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(row, call),
};

static row *add_row(PyObject *op, PyObject *compute, int value, int sent)
{
    row *self = PyObject_GC_New(row, &Row);
    if (self == NULL)
        return NULL;
    self->op = Py_NewRef(op);
    self->compute = Py_XNewRef(compute);
    self->is_affine = self->is_cross_entropy = 0;
    self->value = value;
    self->sent = sent;
    self->call = row_call;
    PyObject_GC_Track(self);
    if (PyDict_SetItem(rows, op, (PyObject *)self) < 0)
        Py_CLEAR(self);
    return self;
}

static int place_of(const char *name, const char *const *names_, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(name, names_[i]) == 0)
            return i;
    return -1;
}

/* elementwise(op, name, compute): the function that records a row of the table with one operand. */
static PyObject *add_elementwise(PyObject *module, PyObject *arguments)
{
    PyObject *op, *compute;
    const char *name;
    if (!PyArg_ParseTuple(arguments, "OsO:elementwise", &op, &name, &compute))
        return NULL;
    return (PyObject *)add_row(op, compute, place_of(name, VALUE_NAMES, COUNT_OF_VALUES),
                               place_of(name, SENT_NAMES, COUNT_OF_SENT));
}

/* affine(op, products): how the affine map is computed. */
static PyObject *add_affine(PyObject *module, PyObject *arguments)
{
    PyObject *op;
    int p[3][4];
    if (!PyArg_ParseTuple(arguments, "O((ipip)(ipip)(ipip)):affine", &op, &p[0][0], &p[0][1], &p[0][2], &p[0][3],
                          &p[1][0], &p[1][1], &p[1][2], &p[1][3], &p[2][0], &p[2][1], &p[2][2], &p[2][3]))
        return NULL;
    row *self = add_row(op, NULL, -1, -1);
    if (self == NULL)
        return NULL;
    self->is_affine = 1;
    memcpy(self->products, p, sizeof p);
    Py_DECREF(self);
    Py_RETURN_NONE;
}

/* cross_entropy(op): the operation whose value and slope are softmax_terms. */
static PyObject *add_cross_entropy(PyObject *module, PyObject *op)
{
    row *self = add_row(op, NULL, -1, -1);
    if (self == NULL)
        return NULL;
    self->is_cross_entropy = 1;
    Py_DECREF(self);
    Py_RETURN_NONE;
}

/* setup(...): the class and the functions of Python that this module uses. */
static PyObject *setup(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *parameters[] = {"tensor",   "value",       "listeners", "own",   "constant",
                                 "recorded", "elementwise", "fitted",    "quiet", NULL};
    PyObject *found[9];
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "$OOOOOOOOO:setup", parameters, &found[0], &found[1],
                                     &found[2], &found[3], &found[4], &found[5], &found[6], &found[7], &found[8]))
        return NULL;
    PyObject **globals[] = {(PyObject **)&Tensor, &Value,       &listeners, &own,  &constant,
                            &recorded,            &elementwise, &fitted,    &quiet};
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        set_slot(globals[i], Py_NewRef(found[i]));
    if (find_slots() < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"setup", (PyCFunction)(void (*)(void))setup, METH_VARARGS | METH_KEYWORDS, "What this module uses of Python."},
    {"elementwise", add_elementwise, METH_VARARGS, "The function that records a row of the table with one operand."},
    {"affine", add_affine, METH_VARARGS, "How the affine map is computed."},
    {"cross_entropy", add_cross_entropy, METH_O, "The operation whose value and slope are softmax_terms."},
    {"record", (PyCFunction)(void (*)(void))record, METH_FASTCALL, "Record an array operation."},
    {"backward", (PyCFunction)(void (*)(void))backward, METH_FASTCALL, "Set gradients; whether it could."},
    {"are_classes", (PyCFunction)(void (*)(void))are_classes, METH_FASTCALL, "Whether these are indices of classes."},
    {"softmax_terms", (PyCFunction)(void (*)(void))softmax_terms, METH_FASTCALL, "Losses, and their slopes."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "autograd.arrays._nodes", .m_doc = "Array nodes in C.", .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__nodes(void)
{
    import_array();
    choose_loops();
    if (find_multiplications() < 0)
        return NULL;
    const struct {
        PyObject **name;
        const char *text;
    } texts[] = {
        {&names.forward, "forward"}, {&names.forward_and_kept, "forward_and_kept"}, {&names.shortcuts, "shortcuts"},
        {&names.pull, "pull"}, {&names.read, "_read"}, {&names.refuse, "_refuse"},
        {&names.labels, "labels"}, {&names.axis, "axis"}, {&names.count, "count"}, {&names.enter, "__enter__"}, {&names.exit, "__exit__"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if ((*texts[i].name = PyUnicode_InternFromString(texts[i].text)) == NULL)
            return NULL;
    if ((rows = PyDict_New()) == NULL || (no_options = PyDict_New()) == NULL || PyType_Ready(&Row) < 0 || PyType_Ready(&Error) < 0)
        return NULL;
    return PyModule_Create(&definition);
}
