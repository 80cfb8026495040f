/* The loops for one type and every instruction set.  nodes.c includes this file once for each type, after rows.h. */

#if defined(__GNUC__) && defined(__x86_64__)
#define LEVEL(name) JOIN(NAME(name), _avx512)
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma")))
#include "loops.h"

#define LEVEL(name) JOIN(NAME(name), _avx2)
#define TARGET __attribute__((target("avx2,fma")))
#include "loops.h"
#endif

#define LEVEL(name) JOIN(NAME(name), _plain)
#define TARGET
#include "loops.h"

#undef NAME
#undef MATH
#undef NUMBER
#undef REAL
