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

#include "vectors.h"
VECTORISE

static int vectors; /* the version of glibc whose functions of vectors are bound */

enum { BLOCK = 64 }; /* numbers that are computed by one formula */

#define KERNEL INLINE
#define GLUE(a, b) a##b
#define JOIN(a, b) GLUE(a, b)

#define REAL double
#define NUMBER(x) x
#define MATH(function) function
#define NAME(name) name##_f64
#include "rows.h"

#ifdef HAVE_VECTORS
#define ROWS(list, K, QUICK) list##_0(K, QUICK) list##_222(K, QUICK) list##_235(K, QUICK)
#else
#define ROWS(list, K, QUICK) list##_0(K, QUICK)
#endif
#define VALUES(K) ROWS(VALUES, K, K)
#define SENT(K, QUICK) ROWS(SENT, K, QUICK)

#define AS_VALUE(name) value_of_##name,
#define AS_SENT(name) sent_through_##name,
enum { VALUES(AS_VALUE) COUNT_OF_VALUES };
enum { SENT(AS_SENT, AS_SENT) COUNT_OF_SENT };

#define AS_STRING(name) #name,
static const char *const VALUE_NAMES[] = {VALUES(AS_STRING)}, *const SENT_NAMES[] = {SENT(AS_STRING, AS_STRING)};

/* How many rows of a list are used: without functions of vectors, NumPy is faster. */
#define COUNTED(name) +1
#define USED(list)                                                                                                     \
    (list##_0(COUNTED, COUNTED) + (vectors >= 222 ? list##_222(COUNTED, COUNTED) : 0) +                                \
     (vectors >= 235 ? list##_235(COUNTED, COUNTED) : 0))

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
static PyObject *Primitive;  /* the class of the rows of the table */
static PyObject *listeners;  /* a dict; while it is empty, every operation is recorded and no one else is told */
static PyObject *own;        /* own(option) copies the arrays in an option */
static PyObject *constant;   /* constant(op, x) is an operand that is not a Tensor */
static PyObject *recorded;   /* recorded(op, operands, options), in Python */
static PyObject *elementwise; /* elementwise(op, operands), in Python */
static PyObject *fitted;     /* fitted(gradient, parent), in Python */
static PyObject *quiet;      /* quiet() is a context without floating-point warnings */
static PyObject *accumulating; /* the lock of handover.py */
static PyObject *rows;       /* a dict from operations to the objects of this module that run them */
static PyObject *no_options; /* the options of elementwise nodes, which are never written to */

static struct {
    Py_ssize_t data, lent, out, op, operands, options, inputs, kept, grad, label;
} slots;

#define SLOT(node, name) (*(PyObject **)((char *)(node) + slots.name))

static struct {
    PyObject *array, *partials, *selects, *finite_outside, *quick, *variadic; /* of a row */
    PyObject *forward, *forward_and_kept, *shortcuts;                         /* of an array operation */
    PyObject *labels, *axis, *count;                                          /* its options */
    PyObject *pull, *read, *refuse, *enter, *exit, *acquire, *release;
} names;

static int find_slots(void)
{
    const struct {
        const char *name;
        Py_ssize_t *offset;
    } wanted[] = {
        {"_data", &slots.data},     {"_lent", &slots.lent},         {"_out", &slots.out},
        {"_op", &slots.op},         {"_operands", &slots.operands}, {"_options", &slots.options},
        {"_inputs", &slots.inputs}, {"_kept", &slots.kept},         {"_grad", &slots.grad},
        {"_label", &slots.label},
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

#include "arrays.h"
#include "recording.h"
#include "sweep.h"

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
    return (PyObject *)add_row(op, compute, place_of(name, VALUE_NAMES, USED(VALUES)),
                               place_of(name, SENT_NAMES, USED(SENT)));
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
    static char *parameters[] = {"tensor",   "value",       "primitive", "listeners", "own", "constant",
                                 "recorded", "elementwise", "fitted",    "quiet",     "accumulating", NULL};
    PyObject *found[11];
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "$OOOOOOOOOOO:setup", parameters, &found[0], &found[1],
                                     &found[2], &found[3], &found[4], &found[5], &found[6], &found[7], &found[8],
                                     &found[9], &found[10]))
        return NULL;
    PyObject **globals[] = {(PyObject **)&Tensor, &Value,       &Primitive, &listeners, &own, &constant,
                            &recorded,            &elementwise, &fitted,    &quiet, &accumulating};
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        set_slot(globals[i], Py_NewRef(found[i]));
    if (find_slots() < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"setup", (PyCFunction)(void (*)(void))setup, METH_VARARGS | METH_KEYWORDS, "What this module uses of Python."},
    {"record_row", (PyCFunction)(void (*)(void))record_row, METH_FASTCALL, "Record a row of the table."},
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
    vectors = bind_vectors();
    if (find_multiplications() < 0)
        return NULL;
    const struct {
        PyObject **name;
        const char *text;
    } texts[] = {
        {&names.array, "array"}, {&names.partials, "partials"}, {&names.selects, "selects"},
        {&names.quick, "quick"}, {&names.finite_outside, "finite_outside"}, {&names.variadic, "variadic"},
        {&names.forward, "forward"}, {&names.forward_and_kept, "forward_and_kept"}, {&names.shortcuts, "shortcuts"},
        {&names.pull, "pull"}, {&names.read, "_read"}, {&names.refuse, "_refuse"},
        {&names.labels, "labels"}, {&names.axis, "axis"}, {&names.count, "count"},
        {&names.enter, "__enter__"}, {&names.exit, "__exit__"},
        {&names.acquire, "acquire"}, {&names.release, "release"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if ((*texts[i].name = PyUnicode_InternFromString(texts[i].text)) == NULL)
            return NULL;
    if ((rows = PyDict_New()) == NULL || (no_options = PyDict_New()) == NULL)
        return NULL;
    if (PyType_Ready(&Row) < 0 || PyType_Ready(&Error) < 0)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL || PyModule_AddIntConstant(module, "VECTORS", vectors) < 0)
        Py_CLEAR(module);
    return module;
}
