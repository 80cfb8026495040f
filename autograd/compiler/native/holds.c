/* Whether a function would still find the very objects that it found before; environment.py explains why.

   It is called before every replay of a compiled function, for everything that the function can read, so it compares
   addresses and calls nothing: no __eq__, no __iter__ of a list or a dict. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

static int list_holds(PyObject *list, PyObject *expected)
{
    Py_ssize_t n = PyTuple_GET_SIZE(expected);
    if (PyList_GET_SIZE(list) != n)
        return 0;
    for (Py_ssize_t i = 0; i < n; i++)
        if (PyList_GET_ITEM(list, i) != PyTuple_GET_ITEM(expected, i))
            return 0;
    return 1;
}

static int dict_holds(PyObject *dict, PyObject *expected)
{
    PyObject *key, *value;
    Py_ssize_t position = 0, i = 0;
    if (2 * PyDict_Size(dict) != PyTuple_GET_SIZE(expected))
        return 0;
    while (PyDict_Next(dict, &position, &key, &value)) {
        if (key != PyTuple_GET_ITEM(expected, i) || value != PyTuple_GET_ITEM(expected, i + 1))
            return 0;
        i += 2;
    }
    return 1;
}

/* A function holds the defaults of its arguments. */
static int function_holds(PyObject *function, PyObject *expected)
{
    PyObject *defaults = PyFunction_GetDefaults(function), *named = PyFunction_GetKwDefaults(function);
    return PyTuple_GET_SIZE(expected) == 2 && (defaults ? defaults : Py_None) == PyTuple_GET_ITEM(expected, 0) &&
           (named ? named : Py_None) == PyTuple_GET_ITEM(expected, 1);
}

static int iterable_holds(PyObject *iterable, PyObject *expected)
{
    Py_ssize_t n = PyTuple_GET_SIZE(expected), i = 0;
    PyObject *iterator = PyObject_GetIter(iterable), *item;
    if (iterator == NULL)
        return -1;
    int same = 1;
    while (same && (item = PyIter_Next(iterator))) {
        same = i < n && item == PyTuple_GET_ITEM(expected, i++);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : same && i == n;
}

static int containers_hold(PyObject *containers, PyObject *expected)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(containers); i++) {
        PyObject *container = PyTuple_GET_ITEM(containers, i), *objects = PyTuple_GET_ITEM(expected, i);
        if (!PyTuple_CheckExact(objects)) {
            PyErr_SetString(PyExc_TypeError, "the objects of each container must be in a tuple");
            return -1;
        }
        int same = PyList_CheckExact(container)   ? list_holds(container, objects)
                   : PyDict_CheckExact(container) ? dict_holds(container, objects)
                   : PyFunction_Check(container)  ? function_holds(container, objects)
                                                  : iterable_holds(container, objects);
        if (same != 1)
            return same;
    }
    return 1;
}

/* Whether a mapping, by far most often a dict, has this object under this name; None stands for no entry. */
static int has_entry(PyObject *mapping, PyObject *name, PyObject *expected)
{
    PyObject *found;
    if (PyDict_CheckExact(mapping)) {
        found = PyDict_GetItemWithError(mapping, name);
        return found ? found == expected : PyErr_Occurred() ? -1 : expected == Py_None;
    }
    found = PyObject_GetItem(mapping, name); /* the attributes of a class */
    Py_XDECREF(found);
    if (found)
        return found == expected;
    if (!PyErr_ExceptionMatches(PyExc_KeyError))
        return -1;
    PyErr_Clear();
    return expected == Py_None;
}

static int entries_hold(PyObject *mappings, PyObject *names, PyObject *expected)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mappings); i++) {
        int same = has_entry(PyTuple_GET_ITEM(mappings, i), PyTuple_GET_ITEM(names, i), PyTuple_GET_ITEM(expected, i));
        if (same != 1)
            return same;
    }
    return 1;
}

static int cells_hold(PyObject *cells, PyObject *expected)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(cells); i++)
        if (PyCell_GET(PyTuple_GET_ITEM(cells, i)) != PyTuple_GET_ITEM(expected, i))
            return 0;
    return 1;
}

static int are_as_long(PyObject *mappings, PyObject *lengths)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mappings); i++) {
        Py_ssize_t length = PyObject_Size(PyTuple_GET_ITEM(mappings, i));
        if (length < 0)
            return -1;
        if (length != PyLong_AsSsize_t(PyTuple_GET_ITEM(lengths, i)))
            return 0;
    }
    return 1;
}

/* The arguments: mappings, names and what is found there; cells and their contents; containers and what they hold;
   mappings and their lengths.  All are tuples, as environment.py makes them. */
enum { MAPPINGS, NAMES, FOUND, CELLS, CONTENTS, CONTAINERS, HELD, SIZED, LENGTHS, ARGUMENTS };

static const int AS_LONG_AS[] = {MAPPINGS, MAPPINGS, MAPPINGS, CELLS, CELLS, CONTAINERS, CONTAINERS, SIZED, SIZED};

static PyObject *unchanged(PyObject *module, PyObject *const *x, Py_ssize_t count)
{
    int same = count == ARGUMENTS;
    for (Py_ssize_t i = 0; same && i < ARGUMENTS; i++)
        same = PyTuple_CheckExact(x[i]) && PyTuple_GET_SIZE(x[i]) == PyTuple_GET_SIZE(x[AS_LONG_AS[i]]);
    if (!same) {
        PyErr_SetString(PyExc_TypeError, "unchanged takes nine tuples, of the same lengths where they belong together");
        return NULL;
    }
    same = entries_hold(x[MAPPINGS], x[NAMES], x[FOUND]);
    if (same == 1)
        same = cells_hold(x[CELLS], x[CONTENTS]);
    if (same == 1)
        same = are_as_long(x[SIZED], x[LENGTHS]);
    if (same == 1)
        same = containers_hold(x[CONTAINERS], x[HELD]);
    return same < 0 ? NULL : PyBool_FromLong(same);
}

static PyMethodDef methods[] = {
    {"unchanged", (PyCFunction)(void (*)(void))unchanged, METH_FASTCALL,
     "Whether mappings, cells and containers still hold exactly the given objects."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "autograd.compiler._holds",
    .m_doc = "The C part of autograd.compiler.environment.",
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__holds(void)
{
    return PyModuleDef_Init(&definition);
}
