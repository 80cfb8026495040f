/* Written from the table by `python -m autograd.generate`: change the table, not this file.

   REAL is a type, NUMBER a constant of it, MATH a function of math.h, NAME one of this file.
   A number in the name of a list is the version of glibc with the vector functions that it needs. */

#define FLAT NUMBER(0.001) /* below this slope, the quick formula of a row is not used */

/* NumPy's rules for nan, for ties and for quotients rounded down, which math.h lacks. */

KERNEL REAL NAME(larger)(REAL x, REAL y)
{
    const REAL z = x > y ? x : y;
    return x != x ? x : z;
}

KERNEL REAL NAME(smaller)(REAL x, REAL y)
{
    const REAL z = x < y ? x : y;
    return x != x ? x : z;
}

KERNEL REAL NAME(sign)(REAL x) { return x > NUMBER(0.0) ? NUMBER(1.0) : x < NUMBER(0.0) ? -NUMBER(1.0) : NUMBER(0.0) * MATH(fabs)(x); }

KERNEL REAL NAME(floored_remainder)(REAL x, REAL y)
{
    const REAL remainder = MATH(fmod)(x, y);
    if (remainder != NUMBER(0.0))
        return (y < NUMBER(0.0)) != (remainder < NUMBER(0.0)) ? remainder + y : remainder;
    return MATH(copysign)(remainder, y);
}

KERNEL REAL NAME(floored_quotient)(REAL x, REAL y)
{
    if (y == NUMBER(0.0))
        return x / y;
    const REAL remainder = MATH(fmod)(x, y);
    const REAL down = remainder != NUMBER(0.0) && (y < NUMBER(0.0)) != (remainder < NUMBER(0.0)) ? NUMBER(1.0) : NUMBER(0.0);
    const REAL quotient = (x - remainder) / y - down; /* an integer, except for rounding */
    return quotient != NUMBER(0.0) ? MATH(rint)(quotient) : MATH(copysign)(NUMBER(0.0), x / y);
}

KERNEL REAL NAME(sent_negative)(REAL g, REAL x, REAL out)
{
    return g * -NUMBER(1.0);
}

KERNEL REAL NAME(sent_absolute)(REAL g, REAL x, REAL out)
{
    return g * NAME(sign)(x);
}

KERNEL REAL NAME(sent_square)(REAL g, REAL x, REAL out)
{
    return g * (NUMBER(2.0) * x);
}

KERNEL REAL NAME(sent_reciprocal)(REAL g, REAL x, REAL out)
{
    return g * (-out * out);
}

KERNEL REAL NAME(sent_sqrt)(REAL g, REAL x, REAL out)
{
    return g * (NUMBER(0.5) / out);
}

KERNEL REAL NAME(sent_cbrt)(REAL g, REAL x, REAL out)
{
    return g * (NUMBER(1.0) / (NUMBER(3.0) * out * out));
}

KERNEL REAL NAME(sent_exp)(REAL g, REAL x, REAL out)
{
    return g * out;
}

KERNEL REAL NAME(sent_expm1)(REAL g, REAL x, REAL out)
{
    return g * MATH(exp)(x);
}

KERNEL REAL NAME(sent_log)(REAL g, REAL x, REAL out)
{
    return g * (out != out ? out : NUMBER(1.0) / x);
}

KERNEL REAL NAME(sent_log1p)(REAL g, REAL x, REAL out)
{
    return g * (out != out ? out : NUMBER(1.0) / (NUMBER(1.0) + x));
}

KERNEL REAL NAME(sent_log2)(REAL g, REAL x, REAL out)
{
    return g * (out != out ? out : NUMBER(1.0) / (x * NUMBER(0.6931471805599453)));
}

KERNEL REAL NAME(sent_log10)(REAL g, REAL x, REAL out)
{
    return g * (out != out ? out : NUMBER(1.0) / (x * NUMBER(2.302585092994046)));
}

KERNEL REAL NAME(sent_sin)(REAL g, REAL x, REAL out)
{
    return g * MATH(cos)(x);
}

KERNEL REAL NAME(sent_cos)(REAL g, REAL x, REAL out)
{
    return g * -MATH(sin)(x);
}

KERNEL REAL NAME(sent_tan)(REAL g, REAL x, REAL out)
{
    return g * (NUMBER(1.0) + out * out);
}

KERNEL REAL NAME(values_one_minus_square)(REAL x)
{
    return (NUMBER(1.0) - x) * (NUMBER(1.0) + x);
}

KERNEL REAL NAME(sent_one_minus_square)(REAL g, REAL x, REAL out)
{
    return g * (-NUMBER(2.0) * x);
}

KERNEL REAL NAME(sent_arcsin)(REAL g, REAL x, REAL out)
{
    return g * (NUMBER(1.0) / MATH(sqrt)((NUMBER(1.0) - x) * (NUMBER(1.0) + x)));
}

KERNEL REAL NAME(sent_arccos)(REAL g, REAL x, REAL out)
{
    return g * (-NUMBER(1.0) / MATH(sqrt)((NUMBER(1.0) - x) * (NUMBER(1.0) + x)));
}

KERNEL REAL NAME(sent_arctan)(REAL g, REAL x, REAL out)
{
    return g * (NUMBER(1.0) / (NUMBER(1.0) + x * x));
}

KERNEL REAL NAME(sent_sinh)(REAL g, REAL x, REAL out)
{
    return g * MATH(cosh)(x);
}

KERNEL REAL NAME(sent_cosh)(REAL g, REAL x, REAL out)
{
    return g * MATH(sinh)(x);
}

KERNEL REAL NAME(sent_tanh)(REAL g, REAL x, REAL out)
{
    const REAL t1 = MATH(exp)(-MATH(fabs)(x));
    const REAL t2 = NUMBER(2.0) * t1 / (NUMBER(1.0) + t1 * t1);
    return g * (t2 * t2);
}

KERNEL REAL NAME(quick_tanh)(REAL x, REAL out)
{
    return NUMBER(1.0) - out * out;
}

KERNEL REAL NAME(values_sech)(REAL x)
{
    const REAL t1 = MATH(exp)(-MATH(fabs)(x));
    return NUMBER(2.0) * t1 / (NUMBER(1.0) + t1 * t1);
}

KERNEL REAL NAME(sent_sech)(REAL g, REAL x, REAL out)
{
    return g * (-out * MATH(tanh)(x));
}

KERNEL REAL NAME(sent_arcsinh)(REAL g, REAL x, REAL out)
{
    return g * (NUMBER(1.0) / MATH(hypot)(x, NUMBER(1.0)));
}

KERNEL REAL NAME(sent_arccosh)(REAL g, REAL x, REAL out)
{
    return g * (NUMBER(1.0) / (MATH(sqrt)(x - NUMBER(1.0)) * MATH(sqrt)(x + NUMBER(1.0))));
}

KERNEL REAL NAME(sent_arctanh)(REAL g, REAL x, REAL out)
{
    return g * (out != out ? out : NUMBER(1.0) / ((NUMBER(1.0) - x) * (NUMBER(1.0) + x)));
}

KERNEL REAL NAME(sent_sign)(REAL g, REAL x, REAL out)
{
    return g * NUMBER(0.0) + NUMBER(0.0);
}

KERNEL REAL NAME(sent_floor)(REAL g, REAL x, REAL out)
{
    return g * NUMBER(0.0) + NUMBER(0.0);
}

KERNEL REAL NAME(values_sigmoid)(REAL x)
{
    const REAL t1 = MATH(exp)(-MATH(fabs)(x));
    return (x >= NUMBER(0.0) ? NUMBER(1.0) : t1) / (NUMBER(1.0) + t1);
}

KERNEL REAL NAME(sent_sigmoid)(REAL g, REAL x, REAL out)
{
    const REAL t1 = MATH(exp)(-MATH(fabs)(x));
    const REAL t2 = NUMBER(1.0) + t1;
    return g * (t1 / (t2 * t2));
}

KERNEL REAL NAME(values_sigmoid_slope)(REAL x)
{
    const REAL t1 = MATH(exp)(-MATH(fabs)(x));
    const REAL t2 = NUMBER(1.0) + t1;
    return t1 / (t2 * t2);
}

KERNEL REAL NAME(sent_sigmoid_slope)(REAL g, REAL x, REAL out)
{
    return g * (-out * MATH(tanh)(NUMBER(0.5) * x));
}

KERNEL REAL NAME(values_softplus)(REAL x)
{
    return (x > NUMBER(0.0) ? x : NUMBER(0.0)) + MATH(log1p)(MATH(exp)(-MATH(fabs)(x)));
}

KERNEL REAL NAME(sent_softplus)(REAL g, REAL x, REAL out)
{
    const REAL t1 = MATH(exp)(-MATH(fabs)(x));
    return g * ((x >= NUMBER(0.0) ? NUMBER(1.0) : t1) / (NUMBER(1.0) + t1));
}

KERNEL REAL NAME(values_relu)(REAL x)
{
    return NAME(larger)(x, NUMBER(0.0));
}

KERNEL REAL NAME(sent_relu)(REAL g, REAL x, REAL out)
{
    return g * (x > NUMBER(0.0) ? NUMBER(1.0) : NUMBER(0.0)) + NUMBER(0.0);
}

KERNEL REAL NAME(values_softsign)(REAL x)
{
    return x / (NUMBER(1.0) + MATH(fabs)(x));
}

KERNEL REAL NAME(sent_softsign)(REAL g, REAL x, REAL out)
{
    const REAL t1 = NUMBER(1.0) / (NUMBER(1.0) + MATH(fabs)(x));
    return g * (t1 * t1);
}

KERNEL REAL NAME(values_silu)(REAL x)
{
    const REAL t1 = MATH(exp)(-MATH(fabs)(x));
    return x * ((x >= NUMBER(0.0) ? NUMBER(1.0) : t1) / (NUMBER(1.0) + t1));
}

KERNEL REAL NAME(sent_silu)(REAL g, REAL x, REAL out)
{
    const REAL t1 = MATH(exp)(-MATH(fabs)(x));
    const REAL t2 = -x;
    const REAL t3 = MATH(exp)(-MATH(fabs)(t2));
    return g * ((x >= NUMBER(0.0) ? NUMBER(1.0) : t1) / (NUMBER(1.0) + t1) + out * ((t2 >= NUMBER(0.0) ? NUMBER(1.0) : t3) / (NUMBER(1.0) + t3)));
}

KERNEL REAL NAME(sent_erf)(REAL g, REAL x, REAL out)
{
    return g * (NUMBER(1.1283791670955126) * MATH(exp)(-x * x));
}

KERNEL REAL NAME(sent_erfc)(REAL g, REAL x, REAL out)
{
    return g * (-NUMBER(1.1283791670955126) * MATH(exp)(-x * x));
}

KERNEL REAL NAME(values_gelu)(REAL x)
{
    return NUMBER(0.5) * x * MATH(erfc)(-x / NUMBER(1.4142135623730951));
}

KERNEL REAL NAME(sent_gelu)(REAL g, REAL x, REAL out)
{
    return g * (NUMBER(0.5) * MATH(erfc)(-x / NUMBER(1.4142135623730951)) + x * MATH(exp)(-NUMBER(0.5) * x * x) / NUMBER(2.5066282746310002));
}

KERNEL REAL NAME(sent_logit)(REAL g, REAL x, REAL out)
{
    return g * (out != out ? out : NUMBER(1.0) / (x * (NUMBER(1.0) - x)));
}

KERNEL REAL NAME(sent_entr)(REAL g, REAL x, REAL out)
{
    return g * (-MATH(log)(x) - NUMBER(1.0));
}

KERNEL REAL NAME(sent_erfinv)(REAL g, REAL x, REAL out)
{
    return g * (MATH(exp)(out * out) / NUMBER(1.1283791670955126));
}

KERNEL REAL NAME(sent_erfcinv)(REAL g, REAL x, REAL out)
{
    return g * (-MATH(exp)(out * out) / NUMBER(1.1283791670955126));
}

KERNEL REAL NAME(values_ndtr)(REAL x)
{
    return NUMBER(0.5) * MATH(erfc)(-x / NUMBER(1.4142135623730951));
}

KERNEL REAL NAME(sent_ndtr)(REAL g, REAL x, REAL out)
{
    return g * (MATH(exp)(-NUMBER(0.5) * x * x) / NUMBER(2.5066282746310002));
}

KERNEL REAL NAME(sent_ndtri)(REAL g, REAL x, REAL out)
{
    return g * (NUMBER(2.5066282746310002) * MATH(exp)(NUMBER(0.5) * out * out));
}

#define VALUES_0(K, QUICK) \
    K(one_minus_square) \
    K(relu) \
    K(softsign)

#define VALUES_222(K, QUICK) \
    K(sech) \
    K(sigmoid) \
    K(sigmoid_slope) \
    K(silu)

#define VALUES_235(K, QUICK) \
    K(softplus) \
    K(gelu) \
    K(ndtr)

#define SENT_0(K, QUICK) \
    K(negative) \
    K(absolute) \
    K(square) \
    K(reciprocal) \
    K(sqrt) \
    K(cbrt) \
    K(exp) \
    K(log) \
    K(log1p) \
    K(log2) \
    K(log10) \
    K(tan) \
    K(one_minus_square) \
    K(arcsin) \
    K(arccos) \
    K(arctan) \
    K(arccosh) \
    K(arctanh) \
    K(sign) \
    K(floor) \
    K(relu) \
    K(softsign) \
    K(logit)

#define SENT_222(K, QUICK) \
    K(expm1) \
    K(sin) \
    K(cos) \
    QUICK(tanh) \
    K(sigmoid) \
    K(softplus) \
    K(silu) \
    K(erf) \
    K(erfc) \
    K(entr) \
    K(erfinv) \
    K(erfcinv) \
    K(ndtr) \
    K(ndtri)

#define SENT_235(K, QUICK) \
    K(sinh) \
    K(cosh) \
    K(sech) \
    K(arcsinh) \
    K(sigmoid_slope) \
    K(gelu)
