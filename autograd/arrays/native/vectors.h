/* glibc's functions of vectors, libmvec: errors are below 4 units in the last place.

   Where a loop calls a function that is declared VECTORISED, GCC calls a form of it that takes a whole vector, such as
   _ZGVeN8v_tanh for eight numbers.  vectors.c has these forms.  They look for libmvec when the program runs, so that one
   library runs with every version of glibc, and is fast where that has the functions.

   A number in a name is the first version of glibc with these functions. */

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
#define HAVE_VECTORS
#define VECTORISED __attribute__((simd("notinbranch")))

#define VECTORS_222(ONE, TWO) ONE(cos) ONE(exp) ONE(log) ONE(sin) TWO(pow)

#define VECTORS_235(ONE, TWO)                                                                                          \
    ONE(acos) ONE(acosh) ONE(asin) ONE(asinh) ONE(atan) ONE(atanh) ONE(cbrt) ONE(cosh) ONE(erf) ONE(erfc) ONE(expm1)   \
    ONE(log10) ONE(log1p) ONE(log2) ONE(sinh) ONE(tan) ONE(tanh) TWO(atan2) TWO(hypot)

#define VECTORISED_1(name)                                                                                             \
    VECTORISED double name(double);                                                                                    \
    VECTORISED float name##f(float);
#define VECTORISED_2(name)                                                                                             \
    VECTORISED double name(double, double);                                                                            \
    VECTORISED float name##f(float, float);
#define VECTORISE VECTORS_222(VECTORISED_1, VECTORISED_2) VECTORS_235(VECTORISED_1, VECTORISED_2)
#else
#define VECTORISE
#endif

/* Looks for libmvec, and returns the version of glibc whose functions are all there: 235, 222, or 0 for none. */
int bind_vectors(void);
