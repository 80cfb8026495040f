/* The sweep: what sweep.py and Tensor.pull do for a graph of Tensors.  Part of nodes.c. */

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

static int is_true(PyObject *op, PyObject *name) /* -1 for an error */
{
    PyObject *value = PyObject_GetAttr(op, name);
    int truth = value ? PyObject_IsTrue(value) : -1;
    Py_XDECREF(value);
    return truth;
}

/* The gradient times a slope; takes the reference of the slope, which may be NULL.  See operations.product. */
static PyObject *times(PyObject *gradient, PyObject *slope, int selects)
{
    if (slope == NULL || (PyFloat_CheckExact(slope) && PyFloat_AS_DOUBLE(slope) == 1.0)) {
        PyObject *sent = slope ? Py_NewRef(gradient) : NULL;
        Py_XDECREF(slope);
        return sent;
    }
    PyObject *sent = PyNumber_Multiply(gradient, slope), *zero;
    Py_DECREF(slope);
    if (sent != NULL && selects) {
        if ((zero = PyFloat_FromDouble(0.0)) != NULL)
            Py_SETREF(sent, PyNumber_Add(sent, zero));
        else
            Py_CLEAR(sent);
        Py_XDECREF(zero);
    }
    return sent;
}

/* What the partials of a row send.  Returns 1, 0 if Tensor.pull must find the slopes, -1 for an error. */
static int send_by_partials(graph *g, PyObject *node, PyObject *gradient)
{
    PyObject *op = SLOT(node, op), *operands = SLOT(node, operands), *slopes[4] = {NULL};
    PyObject *const *inputs = items(SLOT(node, inputs)), *arguments[5];
    const Py_ssize_t n = PyTuple_GET_SIZE(operands);
    const int plain = n <= 4 ? !is_true(op, names.variadic) && !is_true(op, names.quick) &&
                                   !is_true(op, names.finite_outside)
                             : 0;
    const int selects = plain ? is_true(op, names.selects) : 0;
    PyObject *partials = plain && selects >= 0 ? PyObject_GetAttr(op, names.partials) : NULL;
    int sending = partials == NULL ? PyErr_Occurred() ? -1 : 0 : 1;
    for (Py_ssize_t i = 0; i < n && i < 4; i++)
        arguments[i] = inputs[i];
    if (sending == 1)
        arguments[n] = SLOT(node, out);
    for (Py_ssize_t i = 0; sending == 1 && i < n; i++)
        if (Py_IS_TYPE(PyTuple_GET_ITEM(operands, i), Tensor)) {
            slopes[i] = PyObject_Vectorcall(PyTuple_GET_ITEM(partials, i), arguments, (size_t)n + 1, NULL);
            if (slopes[i] == NULL) { /* Tensor.pull says what a slope is where Python's arithmetic raises */
                int known = PyErr_ExceptionMatches(PyExc_ArithmeticError) || PyErr_ExceptionMatches(PyExc_ValueError);
                if (known)
                    PyErr_Clear();
                sending = known ? 0 : -1;
            }
        }
    for (Py_ssize_t i = 0; i < n && i < 4; i++) {
        if (sending == 1 && slopes[i] != NULL)
            sending = give_fitted(g, PyTuple_GET_ITEM(operands, i), times(gradient, slopes[i], selects)) < 0 ? -1 : 1;
        else
            Py_XDECREF(slopes[i]);
    }
    Py_XDECREF(partials);
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

static int send_gradient(graph *g, PyObject *node, PyObject *gradient)
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
    if (PyObject_TypeCheck(SLOT(node, op), (PyTypeObject *)Primitive) && PyArray_CheckExact(gradient)) {
        int sent = refuse_changes(node) < 0 ? -1 : send_by_partials(g, node, gradient);
        if (sent)
            return sent < 0 ? -1 : 0;
    }
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

/* What Tensor.received does for every node, from the output to the leaves: the gradients become those to keep. */
static int find_received(graph *g)
{
    PyObject *taken = PySet_New(NULL);
    int done = taken == NULL ? -1 : 0;
    for (Py_ssize_t i = g->count; done == 0 && i-- > 0;) {
        PyObject *node = g->nodes[i], **gradient = &g->gradients[i], *data = SLOT(node, data);
        if (*gradient == NULL)
            *gradient =
                PyArray_ZEROS(PyArray_NDIM(ARRAY(data)), PyArray_DIMS(ARRAY(data)), PyArray_TYPE(ARRAY(data)), 0);
        int before = *gradient ? is_taken(taken, *gradient) : -1;
        if (before >= 0 && SLOT(node, op) == Py_None) {
            if (before || (PyArray_Check(*gradient) && PyArray_BASE(ARRAY(*gradient)) != NULL))
                Py_SETREF(*gradient, PyNumber_Positive(*gradient));
            if (*gradient != NULL && SLOT(node, grad) != Py_None)
                Py_SETREF(*gradient, PyNumber_Add(SLOT(node, grad), *gradient));
        }
        done = before < 0 || *gradient == NULL ? -1 : 0;
    }
    Py_XDECREF(taken);
    return done;
}

/* What sweep.receive does: the sums are computed under a lock, then all are stored, in one run without Python code. */
static int receive_all(graph *g)
{
    PyObject *held = PyObject_CallMethodNoArgs(accumulating, names.acquire), *type, *error, *traceback;
    if (held == NULL)
        return -1;
    Py_DECREF(held);
    int done = find_received(g);
    for (Py_ssize_t i = g->count; done == 0 && i-- > 0;) {
        PyObject *old = SLOT(g->nodes[i], grad);
        SLOT(g->nodes[i], grad) = g->gradients[i];
        g->gradients[i] = old; /* released with the graph */
    }
    PyErr_Fetch(&type, &error, &traceback);
    held = PyObject_CallMethodNoArgs(accumulating, names.release);
    if (held == NULL)
        return -1;
    Py_DECREF(held);
    PyErr_Restore(type, error, traceback);
    return done;
}

static int sweep(graph *g)
{
    for (Py_ssize_t i = g->count; i-- > 0;) {
        PyObject *gradient = g->gradients[i], *node = g->nodes[i];
        if (gradient == NULL || SLOT(node, op) == Py_None)
            continue;
        Py_INCREF(gradient);
        int sent = send_gradient(g, node, gradient);
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
