/* Whether containers still hold the very objects that they held before; environment.py explains why.

   It is called before every replay of a compiled function, for every list and dict that the function can read, so it
   compares addresses and calls nothing: no __eq__, no __iter__ of a list or a dict. */

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

static PyObject *hold(PyObject *module, PyObject *arguments)
{
    PyObject *containers, *expected;
    if (!PyArg_ParseTuple(arguments, "O!O!:hold", &PyTuple_Type, &containers, &PyTuple_Type, &expected))
        return NULL;
    if (PyTuple_GET_SIZE(containers) != PyTuple_GET_SIZE(expected)) {
        PyErr_SetString(PyExc_ValueError, "hold takes as many containers as tuples of objects");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(containers); i++) {
        PyObject *container = PyTuple_GET_ITEM(containers, i), *objects = PyTuple_GET_ITEM(expected, i);
        if (!PyTuple_CheckExact(objects)) {
            PyErr_SetString(PyExc_TypeError, "hold takes the objects of each container in a tuple");
            return NULL;
        }
        int same = PyList_CheckExact(container)   ? list_holds(container, objects)
                   : PyDict_CheckExact(container) ? dict_holds(container, objects)
                                                  : iterable_holds(container, objects);
        if (same < 0)
            return NULL;
        if (!same)
            Py_RETURN_FALSE;
    }
    Py_RETURN_TRUE;
}

static PyMethodDef methods[] = {
    {"hold", hold, METH_VARARGS, "Whether each of some containers holds exactly the given objects."},
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
