// Formulas as books set them, in MathML, which browsers show by themselves.

import { pieces } from "./page.mjs";

const MATH = "http://www.w3.org/1998/Math/MathML";
const NAMED = new Map([[Math.PI, "π"], [Math.E, "e"]]);
// How tightly a formula binds: comparisons, sums, products, signs, powers, and what stands for itself.
const [ORDER, SUM, PRODUCT, SIGN, POWER, ATOM] = [1, 2, 3, 4, 5, 6];
const INFIX = { add: [SUM, "+"], subtract: [SUM, "−"], less: [ORDER, "<"], less_equal: [ORDER, "≤"], greater: [ORDER, ">"], greater_equal: [ORDER, "≥"], mod: [PRODUCT, "mod"] };
const FUNCTIONS = { absolute: "abs", maximum: "max", minimum: "min", arctan2: "atan2", sigmoid: "σ" };

function tag(name, ...children) {
  const element = document.createElementNS(MATH, name);
  element.append(...children);
  return element;
}

const row = (...children) => tag("mrow", ...children);
const mark = (text) => tag("mo", text);
const bracketed = (inner) => row(mark("("), inner, mark(")"));

// A name with its subscript and superscript.
function variable(name) {
  const [[base], ...scripts] = pieces(name);
  const at = (place) => scripts.filter(([, where]) => where === place).map(([text]) => tag("mtext", text));
  const [[below], [above], letter] = [at(-1), at(1), tag("mi", base)];
  if (below && above) return tag("msubsup", letter, below, above);
  if (below) return tag("msub", letter, below);
  return above ? tag("msup", letter, above) : letter;
}

// A tree as [element, how tightly it binds].
function set(tree) {
  if (typeof tree === "number") return digits(tree);
  if (tree.name !== undefined) return [variable(tree.name), ATOM];
  const { row: name, operands } = tree;
  const [a, b, c] = operands;
  if (Object.hasOwn(INFIX, name)) {
    const [level, symbol] = INFIX[name];
    return [row(inside(a, level), mark(symbol), inside(b, level + 1)), level];
  }
  switch (name) {
    case "multiply":
      return [row(inside(a, PRODUCT), mark(begins(b) ? "⋅" : "\u2062"), inside(b, PRODUCT + 1)), PRODUCT];
    case "divide":
      return [tag("mfrac", whole(a), whole(b)), POWER];
    case "floor_divide":
      return [row(mark("⌊"), tag("mfrac", whole(a), whole(b)), mark("⌋")), ATOM];
    case "power":
      return [tag("msup", inside(a, ATOM), whole(b)), POWER];
    case "square":
      return [tag("msup", inside(a, ATOM), tag("mn", "2")), POWER];
    case "exp":
      return [tag("msup", tag("mi", "e"), whole(a)), POWER];
    case "sqrt":
      return [tag("msqrt", whole(a)), ATOM];
    case "absolute":
      return [row(mark("|"), whole(a), mark("|")), ATOM];
    case "negative":
      return [row(mark("−"), inside(a, PRODUCT)), SIGN];
    case "positive":
      return set(a);
    case "where":
      return [row(mark("{"), tag("mtable", line(b, whole(a)), line(c))), ORDER];
  }
  const listed = operands.flatMap((x, i) => (i ? [mark(","), whole(x)] : [whole(x)]));
  return [row(tag("mi", FUNCTIONS[name] ?? name), mark("\u2061"), bracketed(row(...listed))), ATOM];
}

const whole = (tree) => set(tree)[0];

function inside(tree, level) {
  const [element, binds] = set(tree);
  return binds < level ? bracketed(element) : element;
}

function digits(x) {
  if (NAMED.has(x)) return [tag("mi", NAMED.get(x)), ATOM];
  return x < 0 ? [row(mark("−"), tag("mn", String(-x))), SIGN] : [tag("mn", String(x)), ATOM];
}

// Whether a factor begins with a digit, so that a product needs a dot.
const begins = (tree) => (typeof tree === "number" ? !NAMED.has(tree) : tree.operands !== undefined && ["power", "multiply"].includes(tree.row) && begins(tree.operands[0]));

// A case, with its condition or the word that stands for all others.
const line = (x, condition) => tag("mtr", tag("mtd", whole(x)), tag("mtd", condition === undefined ? tag("mtext", "else") : row(tag("mtext", "if\u00a0"), condition)));

// A definition as an equation.
export function equation(name, tree) {
  const math = tag("math", row(variable(name), mark("="), whole(tree)));
  math.setAttribute("display", "block");
  return math;
}
