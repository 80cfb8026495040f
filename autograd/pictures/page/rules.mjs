// Written from the table by `python -m autograd.generate`: change the table, not this file.

// The table's rules for nan, for ties, for quotients rounded down and for powers of 1, which Math lacks.
const larger = (x, y) => (x > y || x !== x ? x : y);
const smaller = (x, y) => (x < y || x !== x ? x : y);
const sign = (x) => (x > 0 ? 1 : x < 0 ? -1 : 0 * Math.abs(x));
const remainder = (x, y) => {
  const rest = x % y;
  if (rest !== 0) return y < 0 !== rest < 0 ? rest + y : rest;
  return y < 0 ? -0 : 0;
};
const quotient = (x, y) => {
  if (y === 0) return x / y;
  const rest = x % y;
  const whole = (x - rest) / y - (rest !== 0 && y < 0 !== rest < 0 ? 1 : 0);
  const down = Math.floor(whole);
  if (down === 0 && whole < 0.5) return 0 * Math.sign(x / y);
  return whole - down > 0.5 ? down + 1 : down;
};
const power = (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y));

// The table: the value of each row, its slopes, and a function that is 0 on its kink.
export const RULES = {
  add: { value: (x0, x1) => x0 + x1, slopes: (x0, x1, out) => [1.0, 1.0], operands: ["x", "y"], partials: ["1", "1"], symbol: "+" },
  subtract: { value: (x0, x1) => x0 - x1, slopes: (x0, x1, out) => [1.0, -1.0], operands: ["x", "y"], partials: ["1", "-1"], symbol: "-" },
  multiply: { value: (x0, x1) => x0 * x1, slopes: (x0, x1, out) => [x1, x0], operands: ["x", "y"], partials: ["y", "x"], symbol: "*" },
  divide: { value: (x0, x1) => x0 / x1, slopes: (x0, x1, out) => [1.0 / x1, -out / x1], operands: ["x", "y"], partials: ["1/y", "-x/y**2"], symbol: "/" },
  negative: { value: (x0) => -x0, slopes: (x0, out) => [-1.0], operands: ["x"], partials: ["-1"], symbol: "-" },
  positive: { value: (x0) => x0, slopes: (x0, out) => [1.0], operands: ["x"], partials: ["1"], symbol: "=" },
  power: { value: (x0, x1) => power(x0, x1), slopes: (x0, x1, out) => [x1 != 0.0 ? x1 * power(x0, x1 != 0.0 ? x1 - 1.0 : 1.0) : x1 * out / (x0 != 0.0 ? x0 : 1.0), x0 != 0.0 ? out * Math.log(x0 != 0.0 ? x0 : 1.0) : x1 >= 0.0 ? 0.0 : -out], operands: ["x", "y"], partials: ["y*x**(y - 1)", "out*log(x)"], symbol: "**" },
  mod: { value: (x0, x1) => remainder(x0, x1), slopes: (x0, x1, out) => out === out ? [1.0, -quotient(x0, x1)] : [NaN, NaN], kink: (x0, x1) => remainder(x0, x1), operands: ["x", "y"], partials: ["1", "-(x // y)"], symbol: "%" },
  floor_divide: { value: (x0, x1) => quotient(x0, x1), slopes: (x0, x1, out) => out === out ? [0.0, 0.0] : [NaN, NaN], kink: (x0, x1) => remainder(x0, x1), operands: ["x", "y"], partials: ["0", "0"], selects: true, symbol: "//" },
  absolute: { value: (x0) => Math.abs(x0), slopes: (x0, out) => [sign(x0)], kink: (x0) => x0, operands: ["x"], partials: ["sign(x)"], symbol: "abs" },
  square: { value: (x0) => x0 * x0, slopes: (x0, out) => [2.0 * x0], operands: ["x"], partials: ["2*x"] },
  reciprocal: { value: (x0) => 1.0 / x0, slopes: (x0, out) => [-out * out], operands: ["x"], partials: ["-1/x**2"], symbol: "1/" },
  sqrt: { value: (x0) => Math.sqrt(x0), slopes: (x0, out) => [0.5 / out], operands: ["x"], partials: ["1/(2*out)"], symbol: "√" },
  cbrt: { value: (x0) => Math.cbrt(x0), slopes: (x0, out) => [1.0 / (3.0 * out * out)], operands: ["x"], partials: ["1/(3*out**2)"], symbol: "∛" },
  exp: { value: (x0) => Math.exp(x0), slopes: (x0, out) => [out], operands: ["x"], partials: ["out"] },
  expm1: { value: (x0) => Math.expm1(x0), slopes: (x0, out) => [Math.exp(x0)], operands: ["x"], partials: ["exp(x)"] },
  log: { value: (x0) => Math.log(x0), slopes: (x0, out) => out === out ? [1.0 / x0] : [NaN], operands: ["x"], partials: ["1/x"] },
  log1p: { value: (x0) => Math.log1p(x0), slopes: (x0, out) => out === out ? [1.0 / (1.0 + x0)] : [NaN], operands: ["x"], partials: ["1/(1 + x)"] },
  log2: { value: (x0) => Math.log2(x0), slopes: (x0, out) => out === out ? [1.0 / (x0 * 0.6931471805599453)] : [NaN], operands: ["x"], partials: ["1/(log(2)*x)"] },
  log10: { value: (x0) => Math.log10(x0), slopes: (x0, out) => out === out ? [1.0 / (x0 * 2.302585092994046)] : [NaN], operands: ["x"], partials: ["1/(log(10)*x)"] },
  sin: { value: (x0) => Math.sin(x0), slopes: (x0, out) => [Math.cos(x0)], operands: ["x"], partials: ["cos(x)"] },
  cos: { value: (x0) => Math.cos(x0), slopes: (x0, out) => [-Math.sin(x0)], operands: ["x"], partials: ["-sin(x)"] },
  tan: { value: (x0) => Math.tan(x0), slopes: (x0, out) => [1.0 + out * out], operands: ["x"], partials: ["1 + out**2"] },
  one_minus_square: { value: (x0) => (1.0 - x0) * (1.0 + x0), slopes: (x0, out) => [-2.0 * x0], operands: ["x"], partials: ["-2*x"] },
  arcsin: { value: (x0) => Math.asin(x0), slopes: (x0, out) => [1.0 / Math.sqrt((1.0 - x0) * (1.0 + x0))], operands: ["x"], partials: ["1/sqrt(1 - x**2)"] },
  arccos: { value: (x0) => Math.acos(x0), slopes: (x0, out) => [-1.0 / Math.sqrt((1.0 - x0) * (1.0 + x0))], operands: ["x"], partials: ["-1/sqrt(1 - x**2)"] },
  arctan: { value: (x0) => Math.atan(x0), slopes: (x0, out) => [1.0 / (1.0 + x0 * x0)], operands: ["x"], partials: ["1/(1 + x**2)"] },
  arctan2: { value: (x0, x1) => Math.atan2(x0, x1), slopes: (x0, x1, out) => [x1 / Math.hypot(x1, x0) / Math.hypot(x1, x0), -x0 / Math.hypot(x1, x0) / Math.hypot(x1, x0)], kink: (x0, x1) => x1 > 0.0 ? 1.0 : x0, operands: ["y", "x"], partials: ["x/(x**2 + y**2)", "-y/(x**2 + y**2)"] },
  sinh: { value: (x0) => Math.sinh(x0), slopes: (x0, out) => [Math.cosh(x0)], operands: ["x"], partials: ["cosh(x)"] },
  cosh: { value: (x0) => Math.cosh(x0), slopes: (x0, out) => [Math.sinh(x0)], operands: ["x"], partials: ["sinh(x)"] },
  tanh: { value: (x0) => Math.tanh(x0), slopes: (x0, out) => [2.0 * Math.exp(-Math.abs(x0)) / (1.0 + Math.exp(-Math.abs(x0)) * Math.exp(-Math.abs(x0))) * (2.0 * Math.exp(-Math.abs(x0)) / (1.0 + Math.exp(-Math.abs(x0)) * Math.exp(-Math.abs(x0))))], operands: ["x"], partials: ["1 - out**2"] },
  sech: { value: (x0) => 2.0 * Math.exp(-Math.abs(x0)) / (1.0 + Math.exp(-Math.abs(x0)) * Math.exp(-Math.abs(x0))), slopes: (x0, out) => [-out * Math.tanh(x0)], operands: ["x"], partials: ["-out*tanh(x)"] },
  arcsinh: { value: (x0) => Math.asinh(x0), slopes: (x0, out) => [1.0 / Math.hypot(x0, 1.0)], operands: ["x"], partials: ["1/sqrt(1 + x**2)"] },
  arccosh: { value: (x0) => Math.acosh(x0), slopes: (x0, out) => [1.0 / (Math.sqrt(x0 - 1.0) * Math.sqrt(x0 + 1.0))], operands: ["x"], partials: ["1/sqrt(x**2 - 1)"] },
  arctanh: { value: (x0) => Math.atanh(x0), slopes: (x0, out) => out === out ? [1.0 / ((1.0 - x0) * (1.0 + x0))] : [NaN], operands: ["x"], partials: ["1/(1 - x**2)"] },
  hypot: { value: (x0, x1) => Math.hypot(x0, x1), slopes: (x0, x1, out) => [out != 0.0 ? x0 / (out != 0.0 ? out : 1.0) : 0.0, out != 0.0 ? x1 / (out != 0.0 ? out : 1.0) : 0.0], kink: (x0, x1) => Math.abs(x0) + Math.abs(x1), operands: ["x", "y"], partials: ["x/out", "y/out"] },
  maximum: { value: (x0, x1) => larger(x0, x1), slopes: (x0, x1, out) => [x0 > x1 ? 1.0 : x0 < x1 ? 0.0 : 0.5, x0 < x1 ? 1.0 : x0 > x1 ? 0.0 : 0.5], kink: (x0, x1) => x0 - x1, operands: ["x", "y"], partials: ["1 if x > y, 0 if x < y, else 1/2", "1 if x < y, 0 if x > y, else 1/2"], selects: true, symbol: "max" },
  minimum: { value: (x0, x1) => smaller(x0, x1), slopes: (x0, x1, out) => [x0 < x1 ? 1.0 : x0 > x1 ? 0.0 : 0.5, x0 > x1 ? 1.0 : x0 < x1 ? 0.0 : 0.5], kink: (x0, x1) => x0 - x1, operands: ["x", "y"], partials: ["1 if x < y, 0 if x > y, else 1/2", "1 if x > y, 0 if x < y, else 1/2"], selects: true, symbol: "min" },
  where: { value: (x0, x1, x2) => x0 !== 0.0 ? x1 : x2, slopes: (x0, x1, x2, out) => [0.0, x0 !== 0.0 ? 1.0 : 0.0, x0 !== 0.0 ? 0.0 : 1.0], operands: ["condition", "x", "y"], partials: ["0", "1 if condition != 0, else 0", "0 if condition != 0, else 1"], selects: true },
  convention: { value: (x0, x1) => x0, slopes: (x0, x1, out) => [1.0, Math.abs(x1) > 0.0 ? 0.0 : NaN * x1], operands: ["slope", "at"], partials: ["1", "0 if abs(at) > 0, else nan*at"], selects: true },
  clip: { value: (x0, x1, x2) => smaller(larger(x0, x1), x2), slopes: (x0, x1, x2, out) => [x0 - x1 <= 0.0 ? 0.0 : x0 - x2 >= 0.0 ? 0.0 : 1.0, x0 - x1 <= 0.0 ? (x1 > x2 ? 0.0 : 1.0) : 0.0, x0 - x1 <= 0.0 ? (x1 > x2 ? 1.0 : 0.0) : x0 - x2 >= 0.0 ? 1.0 : 0.0], kink: (x0, x1, x2) => x0 < x1 ? x1 - x2 : smaller(x0 - x1, x2 - x0), operands: ["x", "low", "high"], partials: ["0 if x - low <= 0, 0 if x - high >= 0, else 1", "(0 if low > high, else 1) if x - low <= 0, else 0", "(1 if low > high, else 0) if x - low <= 0, 1 if x - high >= 0, else 0"], selects: true },
  sign: { value: (x0) => sign(x0), slopes: (x0, out) => [0.0], kink: (x0) => x0, operands: ["x"], partials: ["0"], selects: true },
  floor: { value: (x0) => Math.floor(x0), slopes: (x0, out) => [0.0], kink: (x0) => x0 - Math.floor(x0), operands: ["x"], partials: ["0"], selects: true },
  sigmoid: { value: (x0) => (x0 >= 0.0 ? 1.0 : Math.exp(-Math.abs(x0))) / (1.0 + Math.exp(-Math.abs(x0))), slopes: (x0, out) => [Math.exp(-Math.abs(x0)) / ((1.0 + Math.exp(-Math.abs(x0))) * (1.0 + Math.exp(-Math.abs(x0))))], operands: ["x"], partials: ["out*(1 - out)"], symbol: "σ" },
  sigmoid_slope: { value: (x0) => Math.exp(-Math.abs(x0)) / ((1.0 + Math.exp(-Math.abs(x0))) * (1.0 + Math.exp(-Math.abs(x0)))), slopes: (x0, out) => [-out * Math.tanh(0.5 * x0)], operands: ["x"], partials: ["out*(1 - 2*sigmoid(x))"], symbol: "σ'" },
  softplus: { value: (x0) => (x0 > 0.0 ? x0 : 0.0) + Math.log1p(Math.exp(-Math.abs(x0))), slopes: (x0, out) => [(x0 >= 0.0 ? 1.0 : Math.exp(-Math.abs(x0))) / (1.0 + Math.exp(-Math.abs(x0)))], operands: ["x"], partials: ["sigmoid(x)"] },
  relu: { value: (x0) => larger(x0, 0.0), slopes: (x0, out) => [x0 > 0.0 ? 1.0 : 0.0], kink: (x0) => x0, operands: ["x"], partials: ["1 if x > 0, else 0"], selects: true },
  leaky_relu: { value: (x0, x1) => x0 > 0.0 ? x0 : x1 * x0, slopes: (x0, x1, out) => [x0 > 0.0 ? 1.0 : x1, x0 > 0.0 ? 0.0 : x0], kink: (x0, x1) => x0, operands: ["x", "slope"], partials: ["1 if x > 0, else slope", "0 if x > 0, else x"], symbol: "leaky relu", defaults: [0.01] },
  elu: { value: (x0, x1) => x0 > 0.0 ? x0 : x1 * Math.expm1(smaller(x0, 0.0)), slopes: (x0, x1, out) => [x0 > 0.0 ? 1.0 : x1 * Math.exp(x0 > 0.0 ? 0.0 : x0), Math.expm1(x0 > 0.0 ? 0.0 : x0)], kink: (x0, x1) => x0, operands: ["x", "alpha"], partials: ["1 if x > 0, else alpha*exp((0 if x > 0, else x))", "expm1((0 if x > 0, else x))"], defaults: [1.0] },
  softsign: { value: (x0) => x0 / (1.0 + Math.abs(x0)), slopes: (x0, out) => [1.0 / (1.0 + Math.abs(x0)) * (1.0 / (1.0 + Math.abs(x0)))], kink: (x0) => x0, operands: ["x"], partials: ["1/(1 + abs(x))**2"] },
  silu: { value: (x0) => x0 * ((x0 >= 0.0 ? 1.0 : Math.exp(-Math.abs(x0))) / (1.0 + Math.exp(-Math.abs(x0)))), slopes: (x0, out) => [(x0 >= 0.0 ? 1.0 : Math.exp(-Math.abs(x0))) / (1.0 + Math.exp(-Math.abs(x0))) + out * ((-x0 >= 0.0 ? 1.0 : Math.exp(-Math.abs(-x0))) / (1.0 + Math.exp(-Math.abs(-x0))))], operands: ["x"], partials: ["sigmoid(x) + out*sigmoid(-x)"] },
  logaddexp: { value: (x0, x1) => larger(x0, x1) + Math.log1p(Math.exp(-Math.abs(x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1))), slopes: (x0, x1, out) => [((x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1) >= 0.0 ? 1.0 : Math.exp(-Math.abs(x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1))) / (1.0 + Math.exp(-Math.abs(x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1))), ((x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0) >= 0.0 ? 1.0 : Math.exp(-Math.abs(x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0))) / (1.0 + Math.exp(-Math.abs(x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0)))], operands: ["x", "y"], partials: ["sigmoid(x - y)", "sigmoid(y - x)"] },
  logaddexp2: { value: (x0, x1) => larger(x0, x1) + Math.log1p(power(2.0, -Math.abs(x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1))) / 0.6931471805599453, slopes: (x0, x1, out) => [(0.6931471805599453 * (x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1) >= 0.0 ? 1.0 : Math.exp(-Math.abs(0.6931471805599453 * (x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1)))) / (1.0 + Math.exp(-Math.abs(0.6931471805599453 * (x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1)))), (0.6931471805599453 * (x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0) >= 0.0 ? 1.0 : Math.exp(-Math.abs(0.6931471805599453 * (x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0)))) / (1.0 + Math.exp(-Math.abs(0.6931471805599453 * (x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0))))], operands: ["x", "y"], partials: ["sigmoid(log(2)*(x - y))", "sigmoid(log(2)*(y - x))"] },
  logit: { value: (x0) => x0 < 0.25 ? Math.log(smaller(x0, 0.25)) - Math.log1p(-smaller(x0, 0.25)) : 2.0 * Math.atanh(2.0 * larger(x0, 0.25) - 1.0), slopes: (x0, out) => out === out ? [1.0 / (x0 * (1.0 - x0))] : [NaN], operands: ["x"], partials: ["1/(x*(1 - x))"] },
  xlogy: { value: (x0, x1) => x0 * Math.log(x0 != 0.0 ? x1 : 1.0), slopes: (x0, x1, out) => out === out ? [Math.log(x1), x0 / (x0 != 0.0 ? x1 : x1 != 0.0 ? x1 : 1.0)] : [NaN, NaN], operands: ["x", "y"], partials: ["log(y)", "x/y"] },
  xlog1py: { value: (x0, x1) => x0 * Math.log1p(x0 != 0.0 ? x1 : 0.0), slopes: (x0, x1, out) => out === out ? [Math.log1p(x1), x0 / (x0 != 0.0 ? 1.0 + x1 : x1 != -1.0 ? 1.0 + x1 : 1.0)] : [NaN, NaN], operands: ["x", "y"], partials: ["log(1 + y)", "x/(1 + y)"] },
  entr: { value: (x0) => 0.0 - x0 * Math.log(x0 != 0.0 ? x0 : 1.0), slopes: (x0, out) => [-Math.log(x0) - 1.0], operands: ["x"], partials: ["-log(x) - 1"] },
  greater: { value: (x0, x1) => x0 > x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, operands: ["x", "y"], partials: ["0", "0"], selects: true, symbol: ">" },
  greater_equal: { value: (x0, x1) => x0 >= x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, operands: ["x", "y"], partials: ["0", "0"], selects: true, symbol: ">=" },
  less: { value: (x0, x1) => x0 < x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, operands: ["x", "y"], partials: ["0", "0"], selects: true, symbol: "<" },
  less_equal: { value: (x0, x1) => x0 <= x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, operands: ["x", "y"], partials: ["0", "0"], selects: true, symbol: "<=" },
  equal: { value: (x0, x1) => x0 === x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, operands: ["x", "y"], partials: ["0", "0"], selects: true, symbol: "==" },
  not_equal: { value: (x0, x1) => x0 !== x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, operands: ["x", "y"], partials: ["0", "0"], selects: true, symbol: "!=" },
};

// The rows that JavaScript cannot express.
export const MISSING = ["erf", "erfc", "gelu", "iv", "i0", "i1", "ive_derivative", "ive", "kv", "kve_derivative", "kve", "jv", "yv", "j0", "j1", "y0", "y1", "sinc_derivative", "sinc", "polygamma", "digamma", "lgamma", "gamma", "rgamma", "polygamma_difference", "betaln", "beta", "gammainc", "gammaincc", "betainc", "stdtr", "erfinv", "erfcinv", "erfcx_derivative", "erfcx", "ndtr", "ndtri", "inverse_mills_excess", "inverse_mills", "log_ndtr"];
