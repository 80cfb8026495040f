/* Recording: what tensor.py does when an operation is called.  Part of nodes.c. */

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

enum { WORTH_SHARING = 1 << 14, MOST_TO_KEEP = 1 << 24 }; /* bytes */

static PyObject *last_copy; /* of a large constant; it is read-only, so that several graphs may hold it */

/* A copy of a constant.  A batch is often the same in every step, and then the copy of the step before serves; else its
   memory, which is in the cache, if no graph holds it any more. */
static PyObject *copied(PyObject *x)
{
    const npy_intp bytes = PyArray_NBYTES(ARRAY(x));
    if (bytes < WORTH_SHARING || bytes > MOST_TO_KEEP || !PyArray_ISCARRAY_RO(ARRAY(x)))
        return PyArray_NewCopy(ARRAY(x), NPY_KEEPORDER);
    if (last_copy != NULL && same_form(last_copy, x)) {
        if (memcmp(DATA(last_copy), DATA(x), (size_t)bytes) == 0)
            return Py_NewRef(last_copy);
        if (Py_REFCNT(last_copy) == 1) {
            memcpy(DATA(last_copy), DATA(x), (size_t)bytes);
            return Py_NewRef(last_copy);
        }
    }
    PyObject *copy = PyArray_NewCopy(ARRAY(x), NPY_CORDER);
    if (copy != NULL) {
        PyArray_CLEARFLAGS(ARRAY(copy), NPY_ARRAY_WRITEABLE);
        set_slot(&last_copy, Py_NewRef(copy));
    }
    return copy;
}

/* An operand as a node keeps it: a Tensor itself, an array copied. */
static PyObject *kept_operand(PyObject *op, PyObject *x)
{
    if (PyObject_TypeCheck(x, Tensor))
        return Py_NewRef(x);
    if (PyArray_CheckExact(x) && PyArray_ISWRITEABLE(ARRAY(x)) &&
        (PyArray_TYPE(ARRAY(x)) == NPY_DOUBLE || PyArray_TYPE(ARRAY(x)) == NPY_FLOAT) && PyArray_ISBEHAVED(ARRAY(x)))
        return copied(x);
    return PyObject_CallFunctionObjArgs(constant, op, x, NULL);
}

/* The type that the value of a row has if all its arrays have it; -1 if they differ, or there is another operand than
   Tensors, arrays of floats and numbers. */
static int common_type(PyObject *operands)
{
    int type = -1;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(operands); i++) {
        PyObject *x = PyTuple_GET_ITEM(operands, i);
        if (PyFloat_CheckExact(x) || PyLong_CheckExact(x))
            continue;
        PyObject *data = Py_IS_TYPE(x, Tensor) ? SLOT(x, data) : x;
        if (data == NULL || !PyArray_CheckExact(data) || (type >= 0 && PyArray_TYPE(ARRAY(data)) != type))
            return -1;
        type = PyArray_TYPE(ARRAY(data));
    }
    return type == NPY_DOUBLE || type == NPY_FLOAT ? type : -1;
}

/* record_row(op, operands): record a row of the table. */
static PyObject *record_row(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2 || !PyTuple_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "it takes a row of the table and a tuple of operands");
        return NULL;
    }
    PyObject *op = arguments[0], *given = arguments[1];
    const int type = PyDict_GET_SIZE(listeners) == 0 ? common_type(given) : -1;
    if (type < 0)
        return PyObject_Vectorcall(elementwise, arguments, 2, NULL);
    Py_ssize_t n = PyTuple_GET_SIZE(given);
    PyObject *operands = PyTuple_New(n), *inputs = PyTuple_New(n), *function = NULL, *out = NULL;
    for (Py_ssize_t i = 0; operands != NULL && inputs != NULL && i < n; i++) {
        PyObject *x = PyTuple_GET_ITEM(given, i);
        PyObject *operand = PyFloat_CheckExact(x) || PyLong_CheckExact(x) ? Py_NewRef(x) : kept_operand(op, x);
        PyObject *input = operand && Py_IS_TYPE(operand, Tensor) ? read_data(operand) : Py_XNewRef(operand);
        PyTuple_SET_ITEM(operands, i, operand);
        PyTuple_SET_ITEM(inputs, i, input);
        if (input == NULL)
            goto done;
    }
    if (operands == NULL || inputs == NULL || (function = PyObject_GetAttr(op, names.array)) == NULL)
        goto done;
    out = PyObject_Vectorcall(function == Py_None ? op : function, &PyTuple_GET_ITEM(inputs, 0), (size_t)n, NULL);
    if ((out = as_array(out)) != NULL && PyArray_TYPE(ARRAY(out)) != type)
        Py_SETREF(out, PyArray_Cast(ARRAY(out), type));
done:
    Py_XDECREF(function);
    return new_node(out, op, operands, Py_NewRef(no_options), inputs, NULL);
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
