// The playground: formulas in text become a graph, in the grammar of Python's define (without LaTeX).

import { RULES, MISSING } from "./rules.mjs";
import { render } from "./page.mjs";
import { Problem } from "./problems.mjs";
import { equation } from "./typeset.mjs";
import { WORDS } from "./words.mjs";

const OTHERS = { abs: "absolute", max: "maximum", min: "minimum", pow: "power", ln: "log", atan2: "arctan2", asin: "arcsin", acos: "arccos", atan: "arctan", asinh: "arcsinh", acosh: "arccosh", atanh: "arctanh", σ: "sigmoid" };
const NUMBERS = { pi: Math.PI, π: Math.PI, e: Math.E };
const BINARY = { "<": [1, "less"], "<=": [1, "less_equal"], ">": [1, "greater"], ">=": [1, "greater_equal"], "+": [2, "add"], "-": [2, "subtract"], "*": [3, "multiply"], "/": [3, "divide"], "//": [3, "floor_divide"], "%": [3, "mod"], "**": [5, "power"] };
const SIGNS = { "−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "≤": "<=", "≥": ">=", "；": ";" };
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const TOKEN = /\s+|#.*|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[\p{L}_][\p{L}\p{Nd}\p{M}₀-₉_]*)|(?<power>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?<sign>\*\*|\/\/|<=|>=|[^])/uy;

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  const plain = text.normalize("NFC").replace(/[−–×·⋅÷≤≥；]/g, (sign) => SIGNS[sign]);
  for (let match; TOKEN.lastIndex < plain.length && (match = TOKEN.exec(plain)); ) {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    if (kind) found.push({ kind, text: match[0] });
  }
  return [...found, { kind: "end", text: "" }];
}

// One formula as a tree: numbers, { name } and { row, operands }.
export function parse(text) {
  const list = tokens(text);
  let at = 0;
  const fail = (...why) => {
    throw new Problem("notFormula", text.trim(), why);
  };
  const sign = (...signs) => list[at].kind === "sign" && signs.includes(list[at].text);
  const word = (name) => list[at].kind === "name" && list[at].text === name;
  const expect = (mark) => {
    if (!sign(mark)) fail("missing", mark);
    at++;
  };

  function cases() {
    const rows = [];
    let value = expression(0);
    while (word("if")) {
      at++;
      rows.push([expression(0), value]);
      if (sign(",")) at++;
      if (!word("else")) {
        value = expression(0);
        continue;
      }
      at++;
      return rows.reduceRight((rest, [condition, x]) => ({ row: "where", operands: [condition, x, rest] }), expression(0));
    }
    return rows.length ? fail("otherwise") : value;
  }

  function expression(above) {
    let left = operand();
    for (;;) {
      const [level, row] = (list[at].kind === "sign" && BINARY[list[at].text]) || [];
      if (level > above) {
        at++;
        left = { row, operands: [left, expression(level === 5 ? 4 : level)] };
      } else if (above < 3 && multiplied()) left = { row: "multiply", operands: [left, expression(3)] };
      else return left;
    }
  }

  // A product without a sign: 2x, 3(x + 1), (a + b)(a - b).
  function multiplied() {
    const before = list[at - 1];
    if (before.kind === "number") return (list[at].kind === "name" && !["if", "else"].includes(list[at].text)) || sign("(", "√");
    return before.text === ")" && sign("(");
  }

  function operand() {
    if (sign("-")) {
      at++;
      const x = expression(4);
      return typeof x === "number" ? -x : { row: "negative", operands: [x] };
    }
    if (sign("+")) {
      at++;
      const x = expression(4);
      return typeof x === "number" ? x : { row: "positive", operands: [x] };
    }
    const base = atom();
    if (list[at].kind !== "power") return base;
    const digits = list[at++].text;
    const size = Number([...digits].filter((c) => RAISED.includes(c)).map((c) => RAISED.indexOf(c)).join(""));
    return { row: "power", operands: [base, digits[0] === "⁻" ? -size : size] };
  }

  function atom() {
    const token = list[at++];
    if (token.kind === "number") return Number(token.text);
    if (token.kind === "name") return sign("(") ? call(token.text) : (NUMBERS[token.text] ?? { name: token.text });
    if (token.text === "(") {
      const x = cases();
      expect(")");
      return x;
    }
    if (token.text === "|") {
      const x = expression(0);
      expect("|");
      return { row: "absolute", operands: [x] };
    }
    if (token.text === "√") return { row: "sqrt", operands: [atom()] };
    return token.kind === "end" ? fail("tooEarly") : fail("unexpected", token.text);
  }

  function call(name) {
    const operands = [];
    for (at++; !sign(")"); ) {
      operands.push(cases());
      if (!sign(")")) expect(",");
    }
    at++;
    if (name === "step") return { row: "where", operands: [{ row: "greater_equal", operands: [...operands, 0] }, 1, 0] };
    if (name === "softmax") fail("several", name);
    const row = OTHERS[name] ?? name;
    if (!Object.hasOwn(RULES, row)) fail(MISSING.includes(row) ? "notHere" : "noFunction", name);
    const { value, defaults = [] } = RULES[row];
    const given = [...operands, ...defaults.slice(Math.max(0, defaults.length - (value.length - operands.length)))];
    return given.length === value.length ? { row, operands: given } : fail("takes", name, value.length, operands.length);
  }

  const tree = cases();
  return list[at].kind === "end" ? tree : fail("unexpected", list[at].text);
}

function values(text) {
  const found = new Map();
  for (const part of text.split(/[,;\n]/).filter((x) => x.trim())) {
    const [name, formula] = part.split("=").map((x) => x.trim());
    const number = constant(parse(formula ?? ""));
    if (!name || typeof number !== "number") throw new Problem("notValue", part.trim());
    found.set(name.normalize("NFC"), number);
  }
  return found;
}

// A tree without variables as a number.
function constant(tree) {
  if (typeof tree === "number" || tree.name !== undefined) return tree;
  const operands = tree.operands.map(constant);
  return operands.every((x) => typeof x === "number") ? Number(RULES[tree.row].value(...operands)) : { row: tree.row, operands };
}

const NAME = "[\\p{L}_][\\p{L}\\p{Nd}\\p{M}₀-₉_]*";
const DEFINITION = new RegExp(`^\\s*(${NAME})\\s*[=＝](.*)$`, "su");
const SOFTMAX = new RegExp(`^\\s*(${NAME}(?:\\s*,\\s*${NAME})+)\\s*[=＝]\\s*softmax\\s*\\(([^()]*)\\)\\s*$`, "u");

// p, q = softmax(a, b) as a definition for each number; any other text as it is.
function softmax(part) {
  const found = part.match(SOFTMAX);
  if (!found) return [part];
  const [names, scores] = [found[1], found[2]].map((list) => list.split(",").map((x) => x.trim()));
  if (names.length !== scores.length) throw new Problem("defines", part.trim(), names.length, scores.length);
  const total = scores.map((score) => `exp(${score})`).join(" + ");
  return names.map((name, i) => `${name} = exp(${scores[i]})/(${total})`);
}

// The definitions of a text: a tree for each name.
export function definitions(text) {
  const defined = new Map();
  for (const part of text.split(/[;；\n]/).filter((x) => x.trim()).flatMap(softmax)) {
    const [, name, formula] = part.match(DEFINITION) ?? [];
    if (!name) throw new Problem("notDefinition", part.trim());
    if (defined.has(name)) throw new Problem("twice", name);
    defined.set(name.normalize("NFC"), parse(formula));
  }
  return defined;
}

// The graph of some definitions, as the data of a page.
export function define(text, at) {
  const given = values(at);
  const defined = new Map([...definitions(text)].map(([name, tree]) => [name, constant(tree)]));
  const used = new Set();
  const visit = (tree) => (tree.name !== undefined ? used.add(tree.name) : tree.operands?.forEach(visit));
  defined.forEach(visit);
  const outputs = [...defined.keys()].filter((name) => !used.has(name));
  if (!outputs.length) throw defined.size ? new Problem("circle", "") : new Problem("nothing");
  if (outputs.length > 1) throw new Problem("outputs", outputs.join(", "));

  const nodes = [];
  const known = new Map();
  const open = new Set();
  const add = (name, row, operands, value) => nodes.push({ name, ...(row ? { row, operands } : {}), value }) - 1;
  const read = (x) => (typeof x === "number" ? [x] : place(x));

  function variable(name) {
    if (known.has(name)) return known.get(name);
    if (open.has(name)) throw new Problem("circle", [...open, name].join(" → "));
    open.add(name);
    if (!defined.has(name) && !given.has(name)) throw new Problem("unknown", name);
    const i = defined.has(name) ? place(defined.get(name), name) : add(name, null, [], given.get(name));
    open.delete(name);
    known.set(name, i);
    return i;
  }

  function place(tree, name = null) {
    if (typeof tree === "number") return add(name, null, [], tree);
    if (tree.name !== undefined) {
      const i = variable(tree.name);
      return name === null ? i : add(name, "positive", [i], nodes[i].value);
    }
    const operands = tree.operands.map(read);
    const xs = operands.map((x) => (typeof x === "number" ? nodes[x].value : x[0]));
    return add(name, tree.row, operands, Number(RULES[tree.row].value(...xs)));
  }

  variable(outputs[0]);
  nodes.forEach((node, i) => (node.name ??= `v${i}`));
  return { nodes };
}

// A page with a box for formulas above it.
export function playground(element, settings, options = {}) {
  const query = new URLSearchParams(location.hash.slice(1));
  const language = () => new URLSearchParams(location.hash.slice(1)).get("lang") ?? options.language ?? (navigator.language.startsWith("ko") ? "ko" : "en");
  const word = WORDS[language()];
  const field = (tag, name, text) => {
    const label = document.createElement("label");
    const input = document.createElement(tag);
    input.value = text;
    input.spellcheck = false;
    label.append(name, input);
    return [label, input];
  };
  const [formulas, text] = field("textarea", word.formulas, query.get("f") ?? settings.formulas);
  const [values, at] = field("input", word.at, query.get("at") ?? settings.at);
  const button = document.createElement("button");
  button.textContent = word.draw;
  const problem = document.createElement("p");
  problem.setAttribute("role", "alert");
  const form = document.createElement("form");
  form.className = "formulas";
  const typeset = document.createElement("div");
  typeset.className = "typeset";
  typeset.tabIndex = 0; // it scrolls where it is too wide
  form.append(formulas, values, button, problem, typeset);
  const below = document.createElement("div");
  const show = () => {
    problem.textContent = "";
    try {
      const data = define(text.value, at.value);
      typeset.replaceChildren(...[...definitions(text.value)].map(([name, tree]) => equation(name, tree)));
      below.replaceChildren();
      render(below, data, options);
    } catch (error) {
      problem.textContent = error instanceof Problem ? error.in(language()) : error.message;
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const state = new URLSearchParams({ f: text.value, at: at.value });
    for (const key of ["lang", "theme"]) if (new URLSearchParams(location.hash.slice(1)).has(key)) state.set(key, new URLSearchParams(location.hash.slice(1)).get(key));
    try {
      history.replaceState(null, "", `#${state}`);
    } catch {
      // A page inside another page has no address of its own.
    }
    show();
  });
  element.classList.add("playground");
  element.replaceChildren(form, below);
  show();
}
