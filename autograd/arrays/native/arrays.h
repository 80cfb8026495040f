/* Arrays: which have loops, products of matrices, and the cross-entropy of labels.  Part of nodes.c. */

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
    PyObject *slope = NULL, *losses = NULL;
    if (count == 3)
        losses = losses_and_error(arguments[0], arguments[1], arguments[2] == Py_True, &slope);
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
