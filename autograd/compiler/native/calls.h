/* A call of a program with plain arguments, from Python's floats and arrays to floats and arrays.  lanes.c includes
   this file.

   It does in one step what the Python modules do in many: it flattens the arguments into registers, runs the program,
   and gives its outputs the shapes of the arguments.  Whatever it does not expect, it leaves to them, by returning None:
   arguments of another type or shape, samples that do not match, and outputs that are nan where guards might help.
*/

typedef struct {
    int varies;      /* whether the first axis counts the samples */
    int dimensions;  /* of the array, for one sample; -1 for a float */
    npy_intp *shape; /* of the array, for one sample */
    npy_intp size;   /* how many numbers that is */
} argument;

typedef struct {
    PyObject_HEAD
    program *program;
    PyObject *start;   /* the uniform registers before a call, as far as they hold inputs and constants: bytes */
    PyObject *outputs; /* runs of uniform registers that hold the outputs, each as a first one and a count: bytes */
    PyObject *wanted;  /* for each gradient among the outputs the position of its argument: bytes of int32 */
    int guarded;       /* whether guards may turn a nan into a number */
    int single;        /* whether there is one gradient, which does not stand in a tuple */
    Py_ssize_t count;  /* of the arguments */
    argument *arguments;
    double *uniforms; /* memory for the uniform registers, with the constants, kept for the next call */
    double *inputs;   /* memory for the varying inputs, kept for the next call */
    npy_intp samples; /* how many samples it has memory for */
} call;

static void describe(argument *x, PyObject *varies, PyObject *shape)
{
    x->varies = PyObject_IsTrue(varies);
    x->dimensions = -1;
    x->size = 1;
    if (!PyTuple_Check(shape))
        return;
    x->dimensions = (int)PyTuple_GET_SIZE(shape);
    x->shape = PyMem_Calloc((size_t)x->dimensions + 1, sizeof *x->shape);
    for (int i = 0; x->shape && i < x->dimensions; i++) {
        x->shape[i] = PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, i));
        x->size *= x->shape[i];
    }
}

/* Whether a call can take this object; a varying one sets the number of samples, or has the same. */
static int fits(const argument *x, PyObject *given, npy_intp *samples)
{
    if (x->dimensions < 0)
        return PyFloat_CheckExact(given);
    PyArrayObject *array = (PyArrayObject *)given;
    if (!PyArray_CheckExact(given) || PyArray_TYPE(array) != NPY_DOUBLE || !PyArray_ISCARRAY_RO(array) ||
        PyArray_NDIM(array) != x->dimensions + x->varies)
        return 0;
    for (int i = 0; i < x->dimensions; i++)
        if (PyArray_DIM(array, i + x->varies) != x->shape[i])
            return 0;
    if (x->varies) {
        if (*samples == 0)
            *samples = PyArray_DIM(array, 0);
        return PyArray_DIM(array, 0) == *samples && *samples > 0;
    }
    return 1;
}

/* Memory for the uniform registers, with the constants in it.  The second one, the first input, begins a vector. */
static double *new_uniforms(const call *c)
{
    const size_t alignment = PADDING * sizeof(double), size = (size_t)count_uniforms(c->program) * sizeof(double);
    char *memory = PyMem_RawCalloc(size + 2 * alignment, 1);
    if (!memory)
        return NULL;
    double *uniforms = (double *)(((uintptr_t)memory + 2 * alignment) / alignment * alignment) - 1;
    ((char **)uniforms)[-1] = memory; /* there is room for it, to free it later */
    memcpy(uniforms, PyBytes_AS_STRING(c->start), (size_t)PyBytes_GET_SIZE(c->start));
    return uniforms;
}

static void free_uniforms(double *uniforms)
{
    if (uniforms)
        PyMem_RawFree(((char **)uniforms)[-1]);
}

/* Fill in the arguments. */
static void fill(const call *c, PyObject *arguments, double *uniforms, double *inputs, npy_intp samples)
{
    *uniforms++ = (double)samples;
    for (Py_ssize_t k = 0; k < c->count; k++) {
        const argument *x = c->arguments + k;
        PyObject *given = PyTuple_GET_ITEM(arguments, k);
        const double *numbers = x->dimensions < 0 ? NULL : PyArray_DATA((PyArrayObject *)given);
        if (x->varies) {
            for (npy_intp i = 0; i < x->size; i++, inputs += samples)
                for (npy_intp s = 0; s < samples; s++)
                    inputs[s] = numbers[s * x->size + i];
            continue;
        }
        if (numbers)
            memcpy(uniforms, numbers, (size_t)x->size * sizeof(double));
        else
            *uniforms = PyFloat_AS_DOUBLE(given);
        uniforms += x->size;
    }
}

/* Reads outputs one after the other. */
typedef struct {
    const double *uniforms;
    const int32_t *run;
    npy_intp done; /* of this run */
    int guarded; /* whether to look for nan */
    int has_nan;
    int level;
} reader;

static void read_outputs(reader *r, double *out, npy_intp count)
{
    while (count) {
        const double *from = r->uniforms + r->run[0] + r->done;
        const npy_intp part = count < r->run[1] - r->done ? count : r->run[1] - r->done;
        memcpy(out, from, (size_t)part * sizeof(double));
        if (r->guarded)
            r->has_nan |= LEVELS[r->level].has_nan(from, (size_t)part);
        out += part;
        count -= part;
        r->done += part;
        if (r->done == r->run[1]) {
            r->run += 2;
            r->done = 0;
        }
    }
}

static PyObject *read_result(reader *r, const argument *x)
{
    if (x == NULL || x->dimensions < 0) {
        double number;
        read_outputs(r, &number, 1);
        return PyFloat_FromDouble(number);
    }
    PyObject *array = PyArray_SimpleNew(x->dimensions, x->shape, NPY_DOUBLE);
    if (array)
        read_outputs(r, PyArray_DATA((PyArrayObject *)array), x->size);
    return array;
}

/* The value, which is \p each if there are outputs for each sample; with gradients, a pair of it and the gradient, or
   of it and a tuple of gradients. */
static PyObject *read_results(const call *c, reader *r, PyObject *each)
{
    const Py_ssize_t count = COUNT(c->wanted);
    PyObject *value = each ? Py_NewRef(each) : read_result(r, NULL), *gradients = NULL, *both = NULL;
    if (!value || !count)
        return value;
    gradients = c->single ? read_result(r, c->arguments + INTS(c->wanted)[0]) : PyTuple_New(count);
    for (Py_ssize_t k = 0; gradients && !c->single && k < count; k++) {
        PyObject *gradient = read_result(r, c->arguments + INTS(c->wanted)[k]);
        if (gradient)
            PyTuple_SET_ITEM(gradients, k, gradient);
        else
            Py_CLEAR(gradients);
    }
    if (gradients)
        both = PyTuple_Pack(2, value, gradients);
    Py_DECREF(value);
    Py_XDECREF(gradients);
    return both;
}

/* Another thread may call the same object while this one has released the GIL: it then finds no memory here. */
static double *take_inputs(call *c, npy_intp samples, npy_intp *capacity)
{
    double *memory = c->inputs;
    c->inputs = NULL;
    *capacity = c->samples;
    if (memory && c->samples >= samples)
        return memory;
    PyMem_RawFree(memory);
    *capacity = samples;
    return PyMem_RawMalloc(((size_t)c->program->inputs * (size_t)samples + 1) * sizeof(double));
}

/* Run the program and read its outputs; \p each is an array for the outputs for each sample, NULL if there are none. */
static PyObject *run_and_read(const call *c, double *uniforms, double *inputs, npy_intp samples, PyObject *each)
{
    const npy_intp count = COUNT(c->program->outputs);
    npy_intp shape[2] = {c->program->inputs, samples}, strides[2] = {samples * sizeof(double), sizeof(double)};
    npy_intp each_shape[2] = {count, samples};
    Py_buffer in = {.buf = inputs, .shape = shape, .strides = strides};
    Py_buffer out = {.buf = each ? PyArray_DATA((PyArrayObject *)each) : NULL, .shape = each_shape, .strides = strides};
    reader r = {uniforms, INTS(c->outputs), .guarded = c->guarded, .level = c->program->level};
    if (run_all(c->program, uniforms, &in, &out))
        return NULL;
    if (each && c->guarded)
        r.has_nan = LEVELS[r.level].has_nan(out.buf, (size_t)(count * samples));
    PyObject *results = read_results(c, &r, each);
    if (results && r.has_nan)
        Py_SETREF(results, Py_NewRef(Py_None));
    return results;
}

static PyObject *computed(call *c, PyObject *arguments, npy_intp samples)
{
    npy_intp capacity, shape[2] = {COUNT(c->program->outputs), samples};
    double *uniforms = c->uniforms ? c->uniforms : new_uniforms(c), *inputs = take_inputs(c, samples, &capacity);
    PyObject *results = NULL, *each = shape[0] ? PyArray_SimpleNew(2, shape, NPY_DOUBLE) : NULL;
    c->uniforms = NULL;
    if (!uniforms || !inputs)
        PyErr_NoMemory();
    else if (each || !shape[0]) {
        fill(c, arguments, uniforms, inputs, samples);
        results = run_and_read(c, uniforms, inputs, samples, each);
    }
    Py_XDECREF(each);
    free_uniforms(c->uniforms);
    PyMem_RawFree(c->inputs);
    c->uniforms = uniforms;
    c->inputs = inputs;
    c->samples = capacity;
    return results;
}

static PyObject *call_call(PyObject *self, PyObject *arguments, PyObject *named)
{
    call *c = (call *)self;
    npy_intp samples = 0;
    if (named || PyTuple_GET_SIZE(arguments) != c->count)
        Py_RETURN_NONE;
    for (Py_ssize_t k = 0; k < c->count; k++)
        if (!fits(c->arguments + k, PyTuple_GET_ITEM(arguments, k), &samples))
            Py_RETURN_NONE;
    return computed(c, arguments, samples ? samples : 1);
}

static PyObject *call_new(PyTypeObject *type, PyObject *given, PyObject *named)
{
    static char *names[] = {"program", "start", "outputs", "arguments", "wanted", "guarded", "single", NULL};
    PyObject *code, *start, *outputs, *arguments, *wanted;
    int guarded, single;
    if (!PyArg_ParseTupleAndKeywords(given, named, "OSSO!Spp", names, &code, &start, &outputs, &PyTuple_Type,
                                     &arguments, &wanted, &guarded, &single))
        return NULL;
    if (Py_TYPE(code)->tp_new != program_new) {
        PyErr_SetString(PyExc_TypeError, "a call takes a Program");
        return NULL;
    }
    call *c = (call *)type->tp_alloc(type, 0);
    if (!c)
        return NULL;
    c->program = (program *)Py_NewRef(code);
    c->start = Py_NewRef(start);
    c->outputs = Py_NewRef(outputs);
    c->wanted = Py_NewRef(wanted);
    c->guarded = guarded;
    c->single = single;
    c->arguments = PyMem_Calloc((size_t)PyTuple_GET_SIZE(arguments) + 1, sizeof *c->arguments);
    if (c->arguments)
        c->count = PyTuple_GET_SIZE(arguments);
    else
        PyErr_NoMemory();
    for (Py_ssize_t k = 0; k < c->count; k++) {
        PyObject *varies, *shape;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(arguments, k), "OO", &varies, &shape))
            break;
        describe(c->arguments + k, varies, shape);
        if (c->arguments[k].dimensions >= 0 && !c->arguments[k].shape)
            PyErr_NoMemory();
    }
    if (PyErr_Occurred())
        Py_CLEAR(c);
    return (PyObject *)c;
}

static void call_dealloc(PyObject *self)
{
    call *c = (call *)self;
    PyTypeObject *type = Py_TYPE(self);
    for (Py_ssize_t k = 0; k < c->count; k++)
        PyMem_Free(c->arguments[k].shape);
    PyMem_Free(c->arguments);
    free_uniforms(c->uniforms);
    PyMem_RawFree(c->inputs);
    Py_XDECREF(c->program);
    Py_XDECREF(c->start);
    Py_XDECREF(c->outputs);
    Py_XDECREF(c->wanted);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot call_slots[] = {
    {Py_tp_doc, "A call of a program with plain arguments; returns None for arguments that it does not take."},
    {Py_tp_new, call_new},
    {Py_tp_call, call_call},
    {Py_tp_dealloc, call_dealloc},
    {0, NULL},
};

static PyType_Spec call_spec = {
    .name = "autograd.compiler._lanes.Call",
    .basicsize = sizeof(call),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = call_slots,
};
