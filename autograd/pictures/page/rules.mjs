// Written from the table by `python -m autograd.generate`: change the table, not this file.

// The table's rules for nan, for ties and for quotients rounded down, which Math lacks.
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
  return whole - down > 0.5 ? down + 1 : down;
};

// The table: the value of each row, its slopes, and a function that is 0 on its kink.
export const RULES = {
  add: { value: (x0, x1) => x0 + x1, slopes: (x0, x1, out) => [1.0, 1.0], symbol: "+" },
  subtract: { value: (x0, x1) => x0 - x1, slopes: (x0, x1, out) => [1.0, -1.0], symbol: "-" },
  multiply: { value: (x0, x1) => x0 * x1, slopes: (x0, x1, out) => [x1, x0], symbol: "*" },
  divide: { value: (x0, x1) => x0 / x1, slopes: (x0, x1, out) => [1.0 / x1, -out / x1], symbol: "/" },
  negative: { value: (x0) => -x0, slopes: (x0, out) => [-1.0], symbol: "-" },
  positive: { value: (x0) => x0, slopes: (x0, out) => [1.0], symbol: "=" },
  power: { value: (x0, x1) => Math.pow(x0, x1), slopes: (x0, x1, out) => [x1 != 0.0 ? x1 * Math.pow(x0, x1 != 0.0 ? x1 - 1.0 : 1.0) : x1 * out / (x0 != 0.0 ? x0 : 1.0), x0 != 0.0 ? out * Math.log(x0 != 0.0 ? x0 : 1.0) : x1 >= 0.0 ? 0.0 : -out], symbol: "**" },
  mod: { value: (x0, x1) => remainder(x0, x1), slopes: (x0, x1, out) => out === out ? [1.0, -quotient(x0, x1)] : [NaN, NaN], kink: (x0, x1) => remainder(x0, x1), symbol: "%" },
  floor_divide: { value: (x0, x1) => quotient(x0, x1), slopes: (x0, x1, out) => out === out ? [0.0, 0.0] : [NaN, NaN], kink: (x0, x1) => remainder(x0, x1), selects: true, symbol: "//" },
  absolute: { value: (x0) => Math.abs(x0), slopes: (x0, out) => [sign(x0)], kink: (x0) => x0, symbol: "abs" },
  square: { value: (x0) => x0 * x0, slopes: (x0, out) => [2.0 * x0] },
  reciprocal: { value: (x0) => 1.0 / x0, slopes: (x0, out) => [-out * out], symbol: "1/" },
  sqrt: { value: (x0) => Math.sqrt(x0), slopes: (x0, out) => [0.5 / out], symbol: "√" },
  cbrt: { value: (x0) => Math.cbrt(x0), slopes: (x0, out) => [1.0 / (3.0 * out * out)], symbol: "∛" },
  exp: { value: (x0) => Math.exp(x0), slopes: (x0, out) => [out] },
  expm1: { value: (x0) => Math.expm1(x0), slopes: (x0, out) => [Math.exp(x0)] },
  log: { value: (x0) => Math.log(x0), slopes: (x0, out) => out === out ? [1.0 / x0] : [NaN] },
  log1p: { value: (x0) => Math.log1p(x0), slopes: (x0, out) => out === out ? [1.0 / (1.0 + x0)] : [NaN] },
  log2: { value: (x0) => Math.log2(x0), slopes: (x0, out) => out === out ? [1.0 / (x0 * 0.6931471805599453)] : [NaN] },
  log10: { value: (x0) => Math.log10(x0), slopes: (x0, out) => out === out ? [1.0 / (x0 * 2.302585092994046)] : [NaN] },
  sin: { value: (x0) => Math.sin(x0), slopes: (x0, out) => [Math.cos(x0)] },
  cos: { value: (x0) => Math.cos(x0), slopes: (x0, out) => [-Math.sin(x0)] },
  tan: { value: (x0) => Math.tan(x0), slopes: (x0, out) => [1.0 + out * out] },
  one_minus_square: { value: (x0) => (1.0 - x0) * (1.0 + x0), slopes: (x0, out) => [-2.0 * x0] },
  arcsin: { value: (x0) => Math.asin(x0), slopes: (x0, out) => [1.0 / Math.sqrt((1.0 - x0) * (1.0 + x0))] },
  arccos: { value: (x0) => Math.acos(x0), slopes: (x0, out) => [-1.0 / Math.sqrt((1.0 - x0) * (1.0 + x0))] },
  arctan: { value: (x0) => Math.atan(x0), slopes: (x0, out) => [1.0 / (1.0 + x0 * x0)] },
  arctan2: { value: (x0, x1) => Math.atan2(x0, x1), slopes: (x0, x1, out) => [x1 / Math.hypot(x1, x0) / Math.hypot(x1, x0), -x0 / Math.hypot(x1, x0) / Math.hypot(x1, x0)], kink: (x0, x1) => x1 > 0.0 ? 1.0 : x0 },
  sinh: { value: (x0) => Math.sinh(x0), slopes: (x0, out) => [Math.cosh(x0)] },
  cosh: { value: (x0) => Math.cosh(x0), slopes: (x0, out) => [Math.sinh(x0)] },
  tanh: { value: (x0) => Math.tanh(x0), slopes: (x0, out) => [2.0 * Math.exp(-Math.abs(x0)) / (1.0 + Math.exp(-Math.abs(x0)) * Math.exp(-Math.abs(x0))) * (2.0 * Math.exp(-Math.abs(x0)) / (1.0 + Math.exp(-Math.abs(x0)) * Math.exp(-Math.abs(x0))))] },
  sech: { value: (x0) => 2.0 * Math.exp(-Math.abs(x0)) / (1.0 + Math.exp(-Math.abs(x0)) * Math.exp(-Math.abs(x0))), slopes: (x0, out) => [-out * Math.tanh(x0)] },
  arcsinh: { value: (x0) => Math.asinh(x0), slopes: (x0, out) => [1.0 / Math.hypot(x0, 1.0)] },
  arccosh: { value: (x0) => Math.acosh(x0), slopes: (x0, out) => [1.0 / (Math.sqrt(x0 - 1.0) * Math.sqrt(x0 + 1.0))] },
  arctanh: { value: (x0) => Math.atanh(x0), slopes: (x0, out) => out === out ? [1.0 / ((1.0 - x0) * (1.0 + x0))] : [NaN] },
  hypot: { value: (x0, x1) => Math.hypot(x0, x1), slopes: (x0, x1, out) => [out != 0.0 ? x0 / (out != 0.0 ? out : 1.0) : 0.0, out != 0.0 ? x1 / (out != 0.0 ? out : 1.0) : 0.0], kink: (x0, x1) => Math.abs(x0) + Math.abs(x1) },
  maximum: { value: (x0, x1) => larger(x0, x1), slopes: (x0, x1, out) => [x0 > x1 ? 1.0 : x0 < x1 ? 0.0 : 0.5, x0 < x1 ? 1.0 : x0 > x1 ? 0.0 : 0.5], kink: (x0, x1) => x0 - x1, selects: true, symbol: "max" },
  minimum: { value: (x0, x1) => smaller(x0, x1), slopes: (x0, x1, out) => [x0 < x1 ? 1.0 : x0 > x1 ? 0.0 : 0.5, x0 > x1 ? 1.0 : x0 < x1 ? 0.0 : 0.5], kink: (x0, x1) => x0 - x1, selects: true, symbol: "min" },
  where: { value: (x0, x1, x2) => x0 !== 0.0 ? x1 : x2, slopes: (x0, x1, x2, out) => [0.0, x0 !== 0.0 ? 1.0 : 0.0, x0 !== 0.0 ? 0.0 : 1.0], selects: true },
  convention: { value: (x0, x1) => x0, slopes: (x0, x1, out) => [1.0, Math.abs(x1) > 0.0 ? 0.0 : NaN * x1], selects: true },
  clip: { value: (x0, x1, x2) => smaller(larger(x0, x1), x2), slopes: (x0, x1, x2, out) => [x0 < x1 ? 0.0 : x0 > x2 ? 0.0 : 1.0, x0 < x1 ? (x1 > x2 ? 0.0 : 1.0) : 0.0, larger(x0, x1) > x2 ? 1.0 : 0.0], kink: (x0, x1, x2) => x0 < x1 ? x1 - x2 : smaller(x0 - x1, x2 - x0), selects: true },
  sign: { value: (x0) => sign(x0), slopes: (x0, out) => [0.0], kink: (x0) => x0, selects: true },
  floor: { value: (x0) => Math.floor(x0), slopes: (x0, out) => [0.0], kink: (x0) => x0 - Math.floor(x0), selects: true },
  sigmoid: { value: (x0) => (x0 >= 0.0 ? 1.0 : Math.exp(-Math.abs(x0))) / (1.0 + Math.exp(-Math.abs(x0))), slopes: (x0, out) => [Math.exp(-Math.abs(x0)) / ((1.0 + Math.exp(-Math.abs(x0))) * (1.0 + Math.exp(-Math.abs(x0))))], symbol: "σ" },
  sigmoid_slope: { value: (x0) => Math.exp(-Math.abs(x0)) / ((1.0 + Math.exp(-Math.abs(x0))) * (1.0 + Math.exp(-Math.abs(x0)))), slopes: (x0, out) => [-out * Math.tanh(0.5 * x0)], symbol: "σ'" },
  softplus: { value: (x0) => (x0 > 0.0 ? x0 : 0.0) + Math.log1p(Math.exp(-Math.abs(x0))), slopes: (x0, out) => [(x0 >= 0.0 ? 1.0 : Math.exp(-Math.abs(x0))) / (1.0 + Math.exp(-Math.abs(x0)))] },
  relu: { value: (x0) => larger(x0, 0.0), slopes: (x0, out) => [x0 > 0.0 ? 1.0 : 0.0], kink: (x0) => x0, selects: true },
  leaky_relu: { value: (x0, x1) => x0 > 0.0 ? x0 : x1 * x0, slopes: (x0, x1, out) => [x0 > 0.0 ? 1.0 : x1, x0 > 0.0 ? 0.0 : x0], kink: (x0, x1) => x0, symbol: "leaky relu", defaults: [0.01] },
  elu: { value: (x0, x1) => x0 > 0.0 ? x0 : x1 * Math.expm1(smaller(x0, 0.0)), slopes: (x0, x1, out) => [x0 > 0.0 ? 1.0 : x1 * Math.exp(x0 > 0.0 ? 0.0 : x0), Math.expm1(x0 > 0.0 ? 0.0 : x0)], kink: (x0, x1) => x0, defaults: [1.0] },
  softsign: { value: (x0) => x0 / (1.0 + Math.abs(x0)), slopes: (x0, out) => [1.0 / (1.0 + Math.abs(x0)) * (1.0 / (1.0 + Math.abs(x0)))], kink: (x0) => x0 },
  silu: { value: (x0) => x0 * ((x0 >= 0.0 ? 1.0 : Math.exp(-Math.abs(x0))) / (1.0 + Math.exp(-Math.abs(x0)))), slopes: (x0, out) => [(x0 >= 0.0 ? 1.0 : Math.exp(-Math.abs(x0))) / (1.0 + Math.exp(-Math.abs(x0))) + out * ((-x0 >= 0.0 ? 1.0 : Math.exp(-Math.abs(-x0))) / (1.0 + Math.exp(-Math.abs(-x0))))] },
  logaddexp: { value: (x0, x1) => larger(x0, x1) + Math.log1p(Math.exp(-Math.abs(x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1))), slopes: (x0, x1, out) => [((x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1) >= 0.0 ? 1.0 : Math.exp(-Math.abs(x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1))) / (1.0 + Math.exp(-Math.abs(x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1))), ((x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0) >= 0.0 ? 1.0 : Math.exp(-Math.abs(x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0))) / (1.0 + Math.exp(-Math.abs(x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0)))] },
  logaddexp2: { value: (x0, x1) => larger(x0, x1) + Math.log1p(Math.pow(2.0, -Math.abs(x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1))) / 0.6931471805599453, slopes: (x0, x1, out) => [(0.6931471805599453 * (x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1) >= 0.0 ? 1.0 : Math.exp(-Math.abs(0.6931471805599453 * (x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1)))) / (1.0 + Math.exp(-Math.abs(0.6931471805599453 * (x0 - x0 != 0.0 ? (x0 != x1 ? x0 - x1 : 0.0) : x0 - x1)))), (0.6931471805599453 * (x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0) >= 0.0 ? 1.0 : Math.exp(-Math.abs(0.6931471805599453 * (x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0)))) / (1.0 + Math.exp(-Math.abs(0.6931471805599453 * (x1 - x1 != 0.0 ? (x1 != x0 ? x1 - x0 : 0.0) : x1 - x0))))] },
  logit: { value: (x0) => x0 < 0.25 ? Math.log(smaller(x0, 0.25)) - Math.log1p(-smaller(x0, 0.25)) : 2.0 * Math.atanh(2.0 * larger(x0, 0.25) - 1.0), slopes: (x0, out) => out === out ? [1.0 / (x0 * (1.0 - x0))] : [NaN] },
  xlogy: { value: (x0, x1) => x0 * Math.log(x0 != 0.0 ? x1 : 1.0), slopes: (x0, x1, out) => out === out ? [Math.log(x1), x0 / (x0 != 0.0 ? x1 : x1 != 0.0 ? x1 : 1.0)] : [NaN, NaN] },
  entr: { value: (x0) => 0.0 - x0 * Math.log(x0 != 0.0 ? x0 : 1.0), slopes: (x0, out) => [-Math.log(x0) - 1.0] },
  greater: { value: (x0, x1) => x0 > x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, selects: true, symbol: ">" },
  greater_equal: { value: (x0, x1) => x0 >= x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, selects: true, symbol: ">=" },
  less: { value: (x0, x1) => x0 < x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, selects: true, symbol: "<" },
  less_equal: { value: (x0, x1) => x0 <= x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, selects: true, symbol: "<=" },
  equal: { value: (x0, x1) => x0 === x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, selects: true, symbol: "==" },
  not_equal: { value: (x0, x1) => x0 !== x1, slopes: (x0, x1, out) => [0.0, 0.0], kink: (x0, x1) => x0 - x1, selects: true, symbol: "!=" },
};

// The rows that JavaScript cannot express.
export const MISSING = ["erf", "erfc", "gelu", "erfinv", "polygamma", "digamma", "lgamma", "iv", "i0", "i1", "sinc_derivative", "sinc"];
