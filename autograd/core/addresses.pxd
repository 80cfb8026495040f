# The address of the first number of an array.array, for the modules that are compiled.
cdef inline char* chars(column):
    return <char*> <size_t> column.buffer_info()[0]

cdef inline int* ints(column):
    return <int*> <size_t> column.buffer_info()[0]

cdef inline long long* longs(column):
    return <long long*> <size_t> column.buffer_info()[0]

cdef inline double* doubles(column):
    return <double*> <size_t> column.buffer_info()[0]
