/* Written from the table by `python -m autograd.generate`: change the table, not this file. */

/* NumPy's rules for nan, for ties and for quotients rounded down, which math.h lacks. */

KERNEL double larger(double x, double y)
{
    const double z = x > y ? x : y;
    return x != x ? x : z;
}

KERNEL double smaller(double x, double y)
{
    const double z = x < y ? x : y;
    return x != x ? x : z;
}

KERNEL double sign(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0 * fabs(x); }

KERNEL double floored_remainder(double x, double y)
{
    const double remainder = fmod(x, y);
    if (remainder != 0.0)
        return (y < 0.0) != (remainder < 0.0) ? remainder + y : remainder;
    return copysign(remainder, y);
}

KERNEL double floored_quotient(double x, double y)
{
    if (y == 0.0)
        return x / y;
    const double remainder = fmod(x, y);
    const double down = remainder != 0.0 && (y < 0.0) != (remainder < 0.0) ? 1.0 : 0.0;
    const double quotient = (x - remainder) / y - down; /* an integer, except for rounding */
    return quotient != 0.0 ? rint(quotient) : copysign(0.0, x / y);
}

/* The table. */

KERNEL double kernel_greater(double x, double y)
{
    return x > y;
}

KERNEL double kernel_greater_equal(double x, double y)
{
    return x >= y;
}

KERNEL double kernel_less(double x, double y)
{
    return x < y;
}

KERNEL double kernel_less_equal(double x, double y)
{
    return x <= y;
}

KERNEL double kernel_equal(double x, double y)
{
    return x == y;
}

KERNEL double kernel_not_equal(double x, double y)
{
    return x != y;
}

KERNEL double kernel_add(double x, double y)
{
    return x + y;
}

KERNEL double kernel_subtract(double x, double y)
{
    return x - y;
}

KERNEL double kernel_multiply(double x, double y)
{
    return x * y;
}

KERNEL double kernel_divide(double x, double y)
{
    return x / y;
}

KERNEL double kernel_negative(double x)
{
    return -x;
}

KERNEL double kernel_positive(double x)
{
    return x;
}

KERNEL double kernel_power(double x, double y)
{
    return pow(x, y);
}

KERNEL double kernel_mod(double x, double y)
{
    return floored_remainder(x, y);
}

KERNEL double kernel_floor_divide(double x, double y)
{
    return floored_quotient(x, y);
}

KERNEL double kernel_absolute(double x)
{
    return fabs(x);
}

KERNEL double kernel_square(double x)
{
    return x * x;
}

KERNEL double kernel_reciprocal(double x)
{
    return 1.0 / x;
}

KERNEL double kernel_sqrt(double x)
{
    return sqrt(x);
}

KERNEL double kernel_cbrt(double x)
{
    return cbrt(x);
}

KERNEL double kernel_exp(double x)
{
    return exp(x);
}

KERNEL double kernel_expm1(double x)
{
    return expm1(x);
}

KERNEL double kernel_log(double x)
{
    return log(x);
}

KERNEL double kernel_log1p(double x)
{
    return log1p(x);
}

KERNEL double kernel_log2(double x)
{
    return log2(x);
}

KERNEL double kernel_log10(double x)
{
    return log10(x);
}

KERNEL double kernel_sin(double x)
{
    return sin(x);
}

KERNEL double kernel_cos(double x)
{
    return cos(x);
}

KERNEL double kernel_tan(double x)
{
    return tan(x);
}

KERNEL double kernel_one_minus_square(double x)
{
    return (1.0 - x) * (1.0 + x);
}

KERNEL double kernel_arcsin(double x)
{
    return asin(x);
}

KERNEL double kernel_arccos(double x)
{
    return acos(x);
}

KERNEL double kernel_arctan(double x)
{
    return atan(x);
}

KERNEL double kernel_arctan2(double y, double x)
{
    return atan2(y, x);
}

KERNEL double kernel_sinh(double x)
{
    return sinh(x);
}

KERNEL double kernel_cosh(double x)
{
    return cosh(x);
}

KERNEL double kernel_tanh(double x)
{
    return tanh(x);
}

KERNEL double kernel_sech(double x)
{
    const double t1 = exp(-fabs(x));
    return 2.0 * t1 / (1.0 + t1 * t1);
}

KERNEL double kernel_arcsinh(double x)
{
    return asinh(x);
}

KERNEL double kernel_arccosh(double x)
{
    return acosh(x);
}

KERNEL double kernel_arctanh(double x)
{
    return atanh(x);
}

KERNEL double kernel_hypot(double x, double y)
{
    return hypot(x, y);
}

KERNEL double kernel_maximum(double x, double y)
{
    return larger(x, y);
}

KERNEL double kernel_minimum(double x, double y)
{
    return smaller(x, y);
}

KERNEL double kernel_where(double condition, double x, double y)
{
    return condition != 0.0 ? x : y;
}

KERNEL double kernel_convention(double slope, double at)
{
    return slope;
}

KERNEL double kernel_clip(double x, double low, double high)
{
    return smaller(larger(x, low), high);
}

KERNEL double kernel_sign(double x)
{
    return sign(x);
}

KERNEL double kernel_floor(double x)
{
    return floor(x);
}

KERNEL double kernel_sigmoid(double x)
{
    const double t1 = exp(-fabs(x));
    return (x >= 0.0 ? 1.0 : t1) / (1.0 + t1);
}

KERNEL double kernel_sigmoid_slope(double x)
{
    const double t1 = exp(-fabs(x));
    const double t2 = 1.0 + t1;
    return t1 / (t2 * t2);
}

KERNEL double kernel_softplus(double x)
{
    return (x > 0.0 ? x : 0.0) + log1p(exp(-fabs(x)));
}

KERNEL double kernel_relu(double x)
{
    return larger(x, 0.0);
}

KERNEL double kernel_leaky_relu(double x, double slope)
{
    return x > 0.0 ? x : slope * x;
}

KERNEL double kernel_elu(double x, double alpha)
{
    return x > 0.0 ? x : alpha * expm1(smaller(x, 0.0));
}

KERNEL double kernel_softsign(double x)
{
    return x / (1.0 + fabs(x));
}

KERNEL double kernel_silu(double x)
{
    const double t1 = exp(-fabs(x));
    return x * ((x >= 0.0 ? 1.0 : t1) / (1.0 + t1));
}

KERNEL double kernel_erf(double x)
{
    return erf(x);
}

KERNEL double kernel_erfc(double x)
{
    return erfc(x);
}

KERNEL double kernel_gelu(double x)
{
    return 0.5 * x * erfc(-x / 1.4142135623730951);
}

KERNEL double kernel_logaddexp(double x, double y)
{
    return larger(x, y) + log1p(exp(-fabs(x - x != 0.0 ? (x != y ? x - y : 0.0) : x - y)));
}

KERNEL double kernel_logaddexp2(double x, double y)
{
    return larger(x, y) + log1p(pow(2.0, -fabs(x - x != 0.0 ? (x != y ? x - y : 0.0) : x - y))) / 0.6931471805599453;
}

KERNEL double kernel_logit(double x)
{
    const double t1 = smaller(x, 0.25);
    return x < 0.25 ? log(t1) - log1p(-t1) : 2.0 * atanh(2.0 * larger(x, 0.25) - 1.0);
}

KERNEL double kernel_xlogy(double x, double y)
{
    return x * log(x != 0.0 ? y : 1.0);
}

KERNEL double kernel_xlog1py(double x, double y)
{
    return x * log1p(x != 0.0 ? y : 0.0);
}

KERNEL double kernel_entr(double x)
{
    return 0.0 - x * log(x != 0.0 ? x : 1.0);
}

KERNEL double kernel_ndtr(double x)
{
    return 0.5 * erfc(-x / 1.4142135623730951);
}

#define KERNELS_1(K) \
    K(negative) \
    K(positive) \
    K(absolute) \
    K(square) \
    K(reciprocal) \
    K(sqrt) \
    K(cbrt) \
    K(exp) \
    K(expm1) \
    K(log) \
    K(log1p) \
    K(log2) \
    K(log10) \
    K(sin) \
    K(cos) \
    K(tan) \
    K(one_minus_square) \
    K(arcsin) \
    K(arccos) \
    K(arctan) \
    K(sinh) \
    K(cosh) \
    K(tanh) \
    K(sech) \
    K(arcsinh) \
    K(arccosh) \
    K(arctanh) \
    K(sign) \
    K(floor) \
    K(sigmoid) \
    K(sigmoid_slope) \
    K(softplus) \
    K(relu) \
    K(softsign) \
    K(silu) \
    K(erf) \
    K(erfc) \
    K(gelu) \
    K(logit) \
    K(entr) \
    K(ndtr)

#define KERNELS_2(K) \
    K(greater) \
    K(greater_equal) \
    K(less) \
    K(less_equal) \
    K(equal) \
    K(not_equal) \
    K(add) \
    K(subtract) \
    K(multiply) \
    K(divide) \
    K(power) \
    K(mod) \
    K(floor_divide) \
    K(arctan2) \
    K(hypot) \
    K(maximum) \
    K(minimum) \
    K(convention) \
    K(leaky_relu) \
    K(elu) \
    K(logaddexp) \
    K(logaddexp2) \
    K(xlogy) \
    K(xlog1py)

#define KERNELS_3(K) \
    K(where) \
    K(clip)
