// The page: a graph to look at, to move and to step through.  render(element, data) draws it into an element.
// Every text is set as text: nothing of the data is ever markup.

import { RULES } from "./rules.mjs";
import { WORDS } from "./words.mjs";
import { Graph, number } from "./engine.mjs";
import { layout } from "./layout.mjs";

const SVG = "http://www.w3.org/2000/svg";
const LONGEST = 26;
const PATHS = 8;
const LABELLED = 400;
const SHARED = 60;
const READABLE = 0.58;

// An element with attributes, listeners and children; a string among them is text.
function make(tag, attributes = {}, ...children) {
  const element = /^(svg|g|path|rect|text|tspan|title|desc)$/.test(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [key, x] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), x);
    else if (x !== null && x !== false) element.setAttribute(key, x === true ? "" : x);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

// A name in pieces of [text, place], where place is 0, 1 for a superscript or -1 for a subscript: w[1]_{2,1} has both.
export function pieces(name) {
  const found = name.match(/^([^[\]_{}]+)((?:\[\d+\])(?:\(\d+\))?)?(?:_(?:\{([^{}]+)\}|([0-9]{1,4}|[a-z])))?$/u);
  if (!found || (!found[2] && !found[3] && !found[4])) return [[name, 0]];
  return [[found[1], 0], [found[2] ?? "", 1], [found[3] ?? found[4] ?? "", -1]].filter(([text]) => text);
}

const cut = (text, limit) => (Array.from(text).length > limit ? `${Array.from(text).slice(0, limit - 1).join("")}…` : text);

// The name as elements: for HTML sup and sub, for SVG pieces of the text that are raised and lowered.
function nameHtml(name) {
  return make("span", { class: "id" }, ...pieces(name).map(([text, place]) => (place ? make(place > 0 ? "sup" : "sub", {}, text) : text)));
}

const htmlText = (parts) => parts.map((part) => (part.name === undefined ? part : nameHtml(part.name)));

// A sentence of words.mjs as pieces of HTML, with its names set as names.
function sentence(words, ...given) {
  const marks = ["\ue000", "\ue001"];
  const parts = words(...marks).split(/([\ue000\ue001])/);
  return parts.map((part) => (marks.includes(part) ? nameHtml(given[marks.indexOf(part)]) : part));
}

function svgText(parts) {
  let height = 0;
  return parts
    .flatMap((part) => (part.name === undefined ? [[part, 0]] : pieces(cut(part.name, LONGEST))))
    .map(([text, place]) => {
      const span = make("tspan", { dy: -4 * place - height, class: place ? "small" : null }, text);
      height = -4 * place;
      return span;
    });
}

let pages = 0;

// Draws the page of a graph into an element.
//   data: the graph; the schema is in data.py.
//   settings.language: "en" or "ko"; by default that of the browser.  settings.address: whether the state is kept in the
//   address of the page.  settings.rules: the rows of the table; by default those of rules.mjs.
// Returns an object through which a program can do what a reader does.
export function render(element, data, settings = {}) {
  const graph = new Graph(data, settings.rules ?? RULES);
  const names = graph.nodes.map((node) => node.name);
  const groups = data.groups ?? [];
  const first = Float64Array.from(graph.value);
  const keep = settings.address ?? true;
  const state = { node: -1, step: Infinity, open: new Set(), pinned: [], theme: null, language: settings.language, quiz: false };
  const view = { x: 0, y: 0, k: 1 };
  const prefix = `pathgrad-${pages++}-`;
  let boxes = [];
  let edges = [];
  let boxOf = [];
  let size = { width: 1, height: 1 };
  let flow = null;
  let word = WORDS.en;
  const parts = {};

  // -- the address ----------------------------------------------------------------------------------------------------

  function restore() {
    const query = new URLSearchParams(keep ? location.hash.slice(1) : "");
    const whole = (text, limit) => (/^\d+$/.test(text ?? "") && Number(text) < limit ? Number(text) : -1);
    state.node = whole(query.get("node"), graph.count);
    state.step = query.has("step") ? whole(query.get("step"), graph.steps.length + 1) : Infinity;
    if (state.step < 0) state.step = Infinity;
    for (const g of query.get("open")?.split(",") ?? data.open ?? []) if (whole(String(g), groups.length) >= 0) state.open.add(Number(g));
    const pinned = query.has("pin") ? query.get("pin").split(",").map((i) => whole(i, graph.count)).filter((i) => i >= 0 && graph.isInput(i)) : null;
    state.pinned = pinned ?? strongest();
    for (const pair of (query.get("set") ?? "").split(",")) {
      const [i, x] = pair.split(":");
      if (whole(i, graph.count) >= 0 && graph.isInput(Number(i)) && x !== "" && Number.isFinite(Number(x))) graph.value[i] = Number(x);
    }
    if (["light", "dark"].includes(query.get("theme"))) state.theme = query.get("theme");
    if (Object.hasOwn(WORDS, query.get("lang") ?? "")) state.language = query.get("lang");
    state.quiz = query.get("quiz") === "1";
    state.language ??= navigator.language.startsWith("ko") ? "ko" : "en";
    if (state.quiz && state.step === Infinity) state.step = 0;
  }

  function remember() {
    if (!keep) return;
    const query = new URLSearchParams(location.hash.slice(1));
    const put = (key, text) => (text === "" ? query.delete(key) : query.set(key, text));
    put("node", state.node < 0 ? "" : String(state.node));
    put("step", state.step === Infinity ? "" : String(state.step));
    const open = [...state.open].sort((a, b) => a - b).join(",");
    put("open", open === (data.open ?? []).join(",") ? "" : open || "-");
    put("pin", state.pinned.join(",") || "-");
    put("set", names.map((_, i) => i).filter((i) => graph.isInput(i) && graph.value[i] !== first[i]).map((i) => `${i}:${graph.value[i]}`).join(","));
    put("theme", state.theme ?? "");
    put("lang", state.language);
    put("quiz", state.quiz ? "1" : "");
    try {
      history.replaceState(null, "", `#${query}`);
    } catch {
      // A page inside another page has no address of its own.
    }
  }

  // The inputs with the largest gradients.
  function strongest() {
    const inputs = names.map((_, i) => i).filter((i) => graph.isInput(i) && i !== graph.output);
    return inputs.sort((a, b) => Math.abs(graph.grad[b]) - Math.abs(graph.grad[a])).slice(0, 4).sort((a, b) => a - b);
  }

  // -- boxes ----------------------------------------------------------------------------------------------------------

  // The groups around each node, the outermost first.
  const within = groups.map(() => []);
  groups.forEach((group, g) => (within[g] = [...(group.inside === undefined ? [] : within[group.inside]), g]));
  const around = (i) => within[graph.nodes[i].group] ?? [];

  function arrange() {
    const known = new Map();
    boxes = [];
    boxOf = names.map((_, i) => {
      const group = around(i).find((g) => !state.open.has(g));
      const key = group === undefined ? i : `g${group}`;
      if (!known.has(key)) {
        known.set(key, boxes.length);
        boxes.push({ group: group ?? null, nodes: [] });
      }
      boxes[known.get(key)].nodes.push(i);
      return known.get(key);
    });
    for (const box of boxes) if (box.nodes.length === 1) box.group = null;
    const pairs = new Map();
    graph.edges.forEach(({ from, to }, e) => {
      const [a, b] = [boxOf[from], boxOf[to]];
      const key = a * boxes.length + b;
      if (a === b) return;
      if (!pairs.has(key)) pairs.set(key, { from: a, to: b, edges: [] });
      pairs.get(key).edges.push(e);
    });
    edges = [...pairs.values()];
    for (const box of boxes) Object.assign(box, { width: 20 + Math.max(width(title(box), 14), ...lines(box).map((line) => width(line, 12))), height: 62 });
    for (const edge of edges) edge.label = edges.length > LABELLED ? 0 : edge.edges.length === 2 ? 90 : 48;
    size = layout(boxes, edges);
  }

  const single = (box) => box.group === null;
  const title = (box) => (single(box) ? plain(formula(box.nodes[0])) : cut(groups[box.group].name, LONGEST));
  const samples = (box) => (groups[box.group].samples ? `, ${word.samples(groups[box.group].samples)}` : "");
  const plain = (parts) => parts.map((part) => part.name ?? part).join("");
  const lines = (box) => (single(box) ? [`${word.grad} -0.00000`] : [`${word.nodes(box.nodes.length)}${samples(box)}`, word.open]);

  function width(text, pixels) {
    let total = 0;
    for (const letter of text) total += letter.charCodeAt(0) > 0x1100 ? 1 : 0.58;
    return total * pixels;
  }

  // What a node is: its name, and how it was made where that is short.
  function formula(i) {
    const made = making(i);
    const name = { name: cut(names[i], LONGEST) };
    if (graph.isInput(i)) return [name];
    const short = made.length > 0 && plain([name, ...made]).length < LONGEST + 4;
    return short ? [name, " = ", ...made] : [name, `\u2002${cut(graph.symbol[i], 12)}`];
  }

  // How a node was made, in pieces: text, and names as { name }; nothing where that is long.

  function making(i) {
    const node = graph.nodes[i];
    if (graph.isInput(i)) return [];
    const operands = node.operands.map((x) => (typeof x === "number" ? { name: names[x] } : number(Number(x[0]))));
    const symbol = graph.symbol[i];
    const [a, b] = operands;
    if (operands.length === 2 && /^([-+*/%]|\/\/|\*\*|[<>]=?)$/.test(symbol)) return [a, ` ${symbol} `, b];
    if (operands.length === 1 && symbol === "-") return ["-", a];
    if (operands.length === 1 && symbol === "=") return [a];
    if (operands.length > 3 || symbol.includes(" ")) return [];
    return [`${symbol}(`, ...operands.flatMap((x, k) => (k ? [", ", x] : [x])), ")"];
  }

  // -- the picture ----------------------------------------------------------------------------------------------------

  function draw() {
    arrange();
    for (const edge of edges) {
      edge.path = make("path", { d: edge.d });
      const [x, y] = edge.at ?? [];
      edge.texts = edge.at ? [make("text", { x, y: y - 4 }), make("text", { class: "share", x, y: y + 14 })] : [];
    }
    parts.edges.replaceChildren(...edges.map((edge) => edge.path));
    parts.labels.replaceChildren(...edges.flatMap((edge) => edge.texts));
    parts.boxes.replaceChildren(...boxes.map((box, j) => (box.element = drawn(box, j))));
    parts.desc.textContent = `${word.nodes(graph.count)}; ${names[graph.output]} = ${number(graph.value[graph.output])}`;
    parts.views.classList.toggle("wide", size.width > 900 && size.width > 2.4 * size.height);
    update();
  }

  function drawn(box, j) {
    const i = box.nodes[box.nodes.length - 1];
    const kind = single(box) ? (graph.isInput(i) ? "input" : "operation") : "group";
    const corner = { x: box.x - box.width / 2, y: box.y - box.height / 2, width: box.width, height: box.height, rx: kind === "input" ? 16 : 5 };
    const full = single(box) ? names[i] : groups[box.group].name;
    const group = make(
      "g",
      { class: `box ${kind}${box.nodes.includes(graph.output) ? " output" : ""}`, role: "button", tabindex: -1, "data-box": j },
      make("title", {}, full),
      kind === "group" ? make("rect", { ...corner, x: corner.x + 4, y: corner.y + 4 }) : null,
      make("rect", corner),
      box.nodes.includes(graph.output) ? make("rect", { ...corner, x: corner.x + 3, y: corner.y + 3, width: corner.width - 6, height: corner.height - 6, class: "inner" }) : null,
      make("text", { class: "name", x: box.x, y: box.y - 12 }, ...svgText(single(box) ? formula(i) : [{ name: full }])),
      make("text", { class: "value", x: box.x, y: box.y + 6 }),
      make("text", { class: "gradient", x: box.x, y: box.y + 22 }),
    );
    return group;
  }

  // New numbers into what is drawn.
  function update() {
    const step = state.step;
    const gradients = graph.gradients(step);
    const running = step > 0 && step <= graph.steps.length ? graph.steps[step - 1].edge : -1;
    const whole = state.node >= 0 ? graph.grad[state.node] : NaN;
    const hidden = state.quiz;
    const answered = new Set(graph.steps.slice(0, Math.min(step, graph.steps.length)).map((s) => s.edge));
    for (const [j, box] of boxes.entries()) {
      const i = box.nodes[box.nodes.length - 1];
      const [, value, gradient] = box.element.querySelectorAll(":scope > text");
      const found = single(box) ? [number(graph.value[i]), gradientText(i, gradients)] : lines(box);
      value.textContent = found[0] + (single(box) && graph.kinks[i] ? ` ∧ ${word.onKink}` : "") + (single(box) && graph.frozen(i) ? " ✻" : "");
      gradient.textContent = found[1];
      const marks = { quiet: !single(box) || !Number.isFinite(gradients[i]), selected: box.nodes.includes(state.node), nan: single(box) && Number.isNaN(graph.value[i]), kink: single(box) && graph.kinks[i],
        running: running >= 0 && (boxOf[graph.edges[running].to] === j || boxOf[graph.edges[running].from] === j) };
      for (const [mark, on] of Object.entries(marks)) box.element.classList.toggle(mark, Boolean(on));
      box.element.setAttribute("aria-label", `${single(box) ? title(box) : groups[box.group].name}, ${found.join(", ")}${box.nodes.includes(graph.output) ? `, ${word.output}` : ""}`);
    }
    for (const edge of edges) {
      const { path, texts } = edge;
      const live = edge.edges.some((e) => graph.live[e]);
      const carried = flow === null ? 0 : edge.edges.reduce((total, e) => total + flow[e], 0);
      const share = flow === null || !whole ? 0 : carried / whole;
      const flowing = flow !== null && edge.edges.some((e) => flow[e] !== 0);
      const marks = { unused: !live, flowing, faint: flow !== null && !flowing, running: edge.edges.includes(running) };
      for (const [mark, on] of Object.entries(marks)) path.classList.toggle(mark, on);
      path.style.strokeWidth = share ? `${Math.min(1.5 + 6 * Math.abs(share), 12)}px` : "";
      if (!texts.length) continue;
      const open = !hidden || edge.edges.every((e) => answered.has(e));
      const local = edge.edges.length > 2 ? `×${edge.edges.length}` : open ? edge.edges.map((e) => number(graph.slope[e])).join(" + ") : "?";
      texts[0].textContent = local;
      texts[1].textContent = share && !hidden && edges.length < SHARED ? percent(share) : "";
    }
  }

  const percent = (x) => (Number.isFinite(x) ? `${Math.abs(x) < 0.995 && x !== 0 ? number(Math.round(1000 * x) / 10) : Math.round(100 * x)} %` : "");

  function gradientText(i, gradients) {
    if (Number.isFinite(gradients[i]) || (graph.reached[i] && state.step >= graph.steps.length)) return `${word.grad} ${number(gradients[i])}`;
    return state.step < graph.steps.length ? word.notYet : word.notReached;
  }

  function move() {
    parts.layer.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.k})`);
  }

  function fit() {
    const [w, h] = [parts.svg.clientWidth || 900, parts.svg.clientHeight || 600];
    view.k = Math.min((w - 24) / size.width, (h - 24) / size.height, 1.4);
    view.x = (w - size.width * view.k) / 2;
    view.y = (h - size.height * view.k) / 2;
    move();
  }

  // The whole if it can be read, else the part around a box.
  function home(j = boxOf[state.node >= 0 ? state.node : graph.output]) {
    fit();
    if (view.k >= READABLE) return;
    view.k = 0.85;
    view.x = parts.svg.clientWidth / 2 - boxes[j].x * view.k;
    view.y = parts.svg.clientHeight / 2 - boxes[j].y * view.k;
    const most = parts.svg.clientWidth - 12 - size.width * view.k;
    view.x = Math.min(Math.max(view.x, most), 12);
    move();
  }

  function zoom(factor, x = parts.svg.clientWidth / 2, y = parts.svg.clientHeight / 2) {
    const k = Math.min(Math.max(view.k * factor, 0.02), 8);
    view.x = x - (x - view.x) * (k / view.k);
    view.y = y - (y - view.y) * (k / view.k);
    view.k = k;
    move();
  }

  // Scrolls to a box that is outside of what is seen.
  function reveal(j) {
    const [w, h] = [parts.svg.clientWidth, parts.svg.clientHeight];
    const box = boxes[j];
    const [x, y] = [view.x + box.x * view.k, view.y + box.y * view.k];
    const [a, b] = [(box.width / 2) * view.k, (box.height / 2) * view.k];
    if (x - a < 0 || x + a > w) view.x += w / 2 - x;
    if (y - b < 0 || y + b > h) view.y += h / 2 - y;
    move();
  }

  // -- what a reader does -----------------------------------------------------------------------------------------------

  function select(i) {
    if (i === state.node) return;
    state.node = i;
    flow = i >= 0 && !state.quiz ? graph.flows(i) : null;
    update();
    tellNode();
    remember();
  }

  function focus(j) {
    const box = boxes[j];
    for (const other of boxes) other.element.setAttribute("tabindex", other === box ? 0 : -1);
    reveal(j);
    box.element.focus({ preventScroll: true });
  }

  function toggle(group, opened) {
    const at = boxes.findIndex((box) => box.group === group);
    const nodes = at >= 0 ? boxes[at].nodes : names.map((_, i) => i).filter((i) => around(i).includes(group));
    opened ? state.open.add(group) : state.open.delete(group);
    draw();
    const j = boxOf[nodes[0]];
    home(j);
    tellBoxes();
    remember();
    focus(j);
  }

  function goTo(i) {
    let opened = false;
    for (const g of around(i)) {
      opened ||= !state.open.has(g);
      state.open.add(g);
    }
    if (opened) draw();
    select(i);
    home(boxOf[i]);
    focus(boxOf[i]);
    if (opened) tellBoxes();
  }

  function set(i, x) {
    graph.value[i] = x;
    graph.compute();
    if (!state.quiz) state.step = Infinity;
    flow = state.node >= 0 && !state.quiz ? graph.flows(state.node) : null;
    update();
    tellNode();
    tellStep();
    tellNudge(i);
    remember();
  }

  function reset() {
    graph.value.set(first);
    graph.compute();
    state.step = state.quiz ? 0 : Infinity;
    flow = state.node >= 0 && !state.quiz ? graph.flows(state.node) : null;
    parts.nudge.replaceChildren();
    update();
    tellAll();
    remember();
  }

  function step(by) {
    const last = graph.steps.length;
    const at = state.step === Infinity ? (by > 0 ? 0 : last) : state.step;
    state.step = Math.max(0, Math.min(last, by === Infinity ? last : at + (state.step === Infinity && by > 0 ? 0 : by)));
    if (state.step === last && by === Infinity) state.step = Infinity;
    if (flow !== null) {
      state.node = -1;
      flow = null;
      tellNode();
    }
    update();
    tellStep();
    remember();
  }

  function quiz(on) {
    state.quiz = on;
    state.step = on ? 0 : Infinity;
    flow = null;
    state.node = -1;
    parts.quiz.setAttribute("aria-pressed", String(on));
    update();
    tellNode();
    tellStep();
    remember();
  }

  function turn(theme) {
    state.theme = theme;
    element.dataset.theme = theme;
  }

  const dark = () => (state.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

  function speak(language) {
    state.language = language;
    word = WORDS[language];
    build();
    draw();
    tellAll();
    home();
  }

  // Steps to the nearest box on one side: along edges to the left and right, in the column up and down.
  function walk(j, key) {
    const near = (list) => list.reduce((best, k) => (best < 0 || Math.abs(boxes[k].y - boxes[j].y) < Math.abs(boxes[best].y - boxes[j].y) ? k : best), -1);
    const side = { ArrowLeft: () => near(edges.filter((e) => e.to === j).map((e) => e.from)), ArrowRight: () => near(edges.filter((e) => e.from === j).map((e) => e.to)) }[key];
    if (side) return side();
    const sign = key === "ArrowUp" ? -1 : 1;
    const column = boxes.map((_, k) => k).filter((k) => boxes[k].x === boxes[j].x && sign * (boxes[k].y - boxes[j].y) > 0);
    return near(column);
  }

  function act(j) {
    const box = boxes[j];
    if (box.group !== null) toggle(box.group, true);
    else if (graph.isInput(box.nodes[0])) pin(box.nodes[0]);
  }

  function pin(i) {
    state.pinned = state.pinned.includes(i) ? state.pinned.filter((k) => k !== i) : [...state.pinned, i];
    tellInputs();
    tellNode();
    remember();
  }

  function key(event) {
    const at = event.target.closest?.(".box");
    const j = at ? Number(at.dataset.box) : -1;
    const inGraph = parts.svg.contains(event.target);
    if (!inGraph || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (key.startsWith("Arrow")) {
      const to = j < 0 ? boxOf[state.node >= 0 ? state.node : graph.output] : walk(j, key);
      if (to >= 0) focus(to);
    } else if ((key === "Enter" || key === " ") && j >= 0) act(j);
    else if (key === "Backspace" && j >= 0) {
      const inside = around(boxes[j].nodes[0]).filter((g) => state.open.has(g)).pop();
      if (inside !== undefined) toggle(inside, false);
    } else if (key === ".") step(1);
    else if (key === ",") step(-1);
    else if (key === "End") step(Infinity);
    else if (key === "+" || key === "=") zoom(1.3);
    else if (key === "-") zoom(1 / 1.3);
    else if (key === "f") fit();
    else if (key === "/") parts.find.focus();
    else if (key === "Escape") select(-1);
    else return;
    event.preventDefault();
  }

  // -- the texts beside the picture -------------------------------------------------------------------------------------

  const section = (heading, ...children) => [make("h2", {}, heading), ...children];
  const button = (text, action, attributes = {}) => make("button", { type: "button", onclick: action, ...attributes }, text);
  const table = (head, rows) =>
    make("table", {}, make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, ...[text].flat())))), make("tbody", {}, ...rows.map((row) => make("tr", { class: row.sum ? "sum" : null }, ...row.map((cell, k) => make("td", { class: k ? "figure" : null }, ...[cell].flat()))))));

  const derivative = (i) => ["d", nameHtml(names[graph.output]), "/d", nameHtml(names[i])];

  function tellAll() {
    tellInputs();
    tellNode();
    tellStep();
    tellBoxes();
  }

  function tellInputs() {
    const rows = state.pinned.map((i) => {
      const reach = Math.max(2, 2 * Math.abs(first[i]));
      const shown = make("output", {}, number(graph.value[i]));
      const slide = make("input", { type: "range", min: first[i] - reach, max: first[i] + reach, step: reach / 200, "aria-label": names[i], oninput: () => {
        shown.textContent = number(Number(slide.value));
        set(i, Number(slide.value));
      } });
      slide.value = graph.value[i];
      return make("div", { class: "input" }, nameHtml(names[i]), slide, shown, button("×", () => pin(i), { "aria-label": `${word.unpin}: ${names[i]}`, title: word.unpin }));
    });
    parts.inputs.replaceChildren(...section(word.inputs, ...(rows.length ? rows : [make("p", { class: "quiet" }, word.noInputs)])));
  }

  function tellNode() {
    const i = state.node;
    if (i < 0 || state.quiz) {
      parts.node.replaceChildren();
      return;
    }
    const facts = make("p", {}, nameHtml(names[i]), ...(making(i).length ? [" = ", ...htmlText(making(i))] : []), ` = ${number(graph.value[i])}`);
    const slope = make("p", {}, ...derivative(i), ` = ${graph.reached[i] ? number(graph.grad[i]) : word.notReached}`);
    const more = graph.frozen(i) ? make("p", { class: "warning" }, `✻ ${word.kept}`) : null;
    const pins = graph.isInput(i) ? make("p", {}, button(state.pinned.includes(i) ? word.unpin : word.pin, () => pin(i))) : null;
    parts.node.replaceChildren(...section(word.node, facts, slope), ...[more, pins].filter(Boolean), ...pathTable(i));
  }

  function pathTable(i) {
    const total = graph.total(i);
    const found = graph.paths(i, PATHS);
    let listed = 0;
    const rows = found.map((path) => {
      const product = graph.product(path);
      listed += product;
      const way = [i, ...path.map((e) => graph.edges[e].to)];
      const steps = way.length > 12 ? [...way.slice(0, 6), -1, ...way.slice(-5)] : way;
      const text = make("span", {}, ...steps.flatMap((k, place) => [place ? " → " : "", k < 0 ? "…" : nameHtml(cut(names[k], LONGEST))]));
      const factors = path.length > 12 ? "" : path.map((e) => number(graph.slope[e])).join(" · ");
      return [make("div", {}, text, make("div", { class: "local" }, factors)), number(product), graph.grad[i] ? percent(product / graph.grad[i]) : ""];
    });
    const left = total.count - BigInt(found.length);
    if (left > 0n) rows.push([word.more(left), number(total.sum - listed), ""]);
    const sum = [word.sum, number(total.sum), ""];
    sum.sum = true;
    return [make("h3", {}, word.paths), make("p", { class: "count" }, ...sentence((from) => word.pathCount(total.count, from), names[i])), table([word.path, word.product, word.share], [...rows, sum])];
  }

  // What an input was moved by, and what that did to the output: by the gradient, and in truth.
  function tellNudge(i) {
    const now = { input: graph.value[i], output: graph.value[graph.output], slope: graph.grad[i] };
    graph.value[i] = first[i];
    graph.compute();
    const before = { output: graph.value[graph.output], slope: graph.grad[i] };
    graph.value[i] = now.input;
    graph.compute();
    const moved = now.input - first[i];
    const head = [["Δ", nameHtml(names[i]), ` = ${number(moved)}`], ["Δ", nameHtml(names[graph.output])]];
    const changes = [[word.predicted, number(before.slope * moved)], [word.actual, number(now.output - before.output)]];
    parts.nudge.replaceChildren(...section(word.nudge, table(head, [...changes, [derivative(i), `${number(before.slope)} → ${number(now.slope)}`]])));
  }

  function tellStep() {
    const last = graph.steps.length;
    const at = Math.min(state.step, last);
    const heading = make("p", { class: "count" }, word.step(at, last));
    if (state.quiz && at < last) {
      parts.step.replaceChildren(...section(word.quiz, heading, question(at)));
      return;
    }
    const done = state.quiz ? make("p", {}, word.done) : null;
    const said = at === 0 ? make("p", {}, ...sentence(word.start, names[graph.output])) : stepText(graph.steps[at - 1]);
    parts.step.replaceChildren(...section(word.sweep, heading, state.step === Infinity ? "" : said), ...(done ? [done] : []));
  }

  function stepText({ edge, contribution, total }) {
    const { from, to } = graph.edges[edge];
    return make("p", {}, `${word.gradient} `, nameHtml(names[from]), ` += ${number(graph.grad[to])} · `, make("span", { class: "local" }, number(graph.slope[edge])), ` = ${number(contribution)}  ⇒  ${number(total)}`);
  }

  function question(at) {
    const { edge, contribution, total } = graph.steps[at];
    const { from, to, place } = graph.edges[edge];
    const verdict = make("p", { role: "status" });
    const typed = make("input", { type: "text", inputmode: "decimal", "aria-label": word.answer, autocomplete: "off" });
    const form = make(
      "form",
      { onsubmit: (event) => {
        event.preventDefault();
        const right = judge(Number(typed.value.replace(",", ".").replace("−", "-")), contribution);
        if (typed.value.trim() && right) {
          step(1);
          parts.say.textContent = word.right;
          parts.step.querySelector("input")?.focus();
        } else verdict.replaceChildren(word.wrong, " ", ...hint(Number(typed.value), edge, contribution, total), rule(to, place));
      } },
      make("p", {}, ...sentence(word.question, names[to], names[from])),
      make("p", {}, ...sentence(word.given, names[to]), ` ${number(graph.grad[to])}; `, ...operandsOf(to)),
      typed,
      " ",
      make("button", {}, word.check),
      verdict,
    );
    return form;
  }

  const judge = (x, truth) => (Number.isNaN(truth) ? Number.isNaN(x) : Math.abs(x - truth) <= 0.01 * Math.abs(truth) + 1e-9);

  function operandsOf(i) {
    const xs = graph.operands(i);
    const places = new Map(graph.nodes[i].operands.flatMap((x, k) => (typeof x === "number" ? [[x, k]] : [])));
    const list = [...places].slice(0, 6).flatMap(([x, k], place) => [place ? ", " : "; ", nameHtml(names[x]), ` = ${number(xs[k])}`]);
    const made = making(i).length ? htmlText(making(i)) : [graph.symbol[i]];
    return [nameHtml(names[i]), " = ", ...made, ` = ${number(graph.value[i])}`, ...list];
  }

  function hint(x, edge, contribution, total) {
    const { to } = graph.edges[edge];
    if (judge(-x, contribution)) return [word.isSign, " "];
    if (judge(x, graph.slope[edge])) return [...sentence(word.isSlope, names[to]), " "];
    if (judge(x, graph.grad[to])) return [word.isUp, " "];
    if (judge(x, total)) return [word.isTotal, " "];
    return [];
  }

  // The local rule of an operand, as textbooks write it.
  function rule(i, place) {
    const { operands, partials } = graph.rule[i] ?? {};
    if (!partials) return "";
    return `${word.rule} out = ${graph.nodes[i].row}(${operands.join(", ")}), ∂out/∂${operands[place]} = ${partials[place]}`;
  }

  function tellBoxes() {
    const open = [...state.open].map((g) => button(`${cut(groups[g].name, LONGEST)} ×`, () => toggle(g, false), { "aria-label": `${word.close}: ${groups[g].name}` }));
    const kept = [...new Set(graph.nodes.filter((_, i) => graph.frozen(i)).map((node) => node.row))];
    parts.open.replaceChildren(...(open.length ? section(word.boxes, make("p", {}, ...open)) : []), ...(kept.length ? [make("p", { class: "warning" }, `✻ ${word.keptNote(kept.join(", "))}`)] : []));
  }

  function search() {
    const text = parts.find.value.trim().toLowerCase();
    const same = (name) => name.toLowerCase() === text;
    const at = names.findIndex(same) >= 0 ? names.findIndex(same) : names.findIndex((name) => name.toLowerCase().includes(text));
    if (text && at >= 0) goTo(at);
    parts.say.textContent = text && at < 0 ? word.noNode : "";
  }

  // -- the frame ----------------------------------------------------------------------------------------------------------

  function build() {
    const tool = (sign, text, action, attributes = {}) => button(sign, action, { title: text, "aria-label": text, ...attributes });
    parts.find = make("input", { type: "search", placeholder: word.find, "aria-label": word.find, onchange: search });
    parts.quiz = button(word.quiz, () => quiz(!state.quiz), { "aria-pressed": String(state.quiz) });
    parts.say = make("span", { role: "status", class: "say" });
    const tools = make(
      "div",
      { role: "toolbar", "aria-label": word.graph, class: "tools" },
      make("h1", {}, nameHtml(cut(names[graph.output], LONGEST))),
      tool("◀", word.back, () => step(-1)),
      tool("▶", word.next, () => step(1)),
      tool("▶▶", word.all, () => step(Infinity)),
      tool("↺", word.reset, reset),
      parts.find,
      tool("+", word.larger, () => zoom(1.3)),
      tool("−", word.smaller, () => zoom(1 / 1.3)),
      tool("⤢", word.fit, fit),
      groups.length ? tool("▣", word.fold, () => {
        state.open.clear();
        draw();
        home();
        tellBoxes();
        remember();
      }) : null,
      parts.quiz,
      tool("◐", word.theme, () => {
        turn(dark() ? "light" : "dark");
        remember();
      }),
      button(word.print, () => print()),
      button(word.language, () => {
        speak(state.language === "ko" ? "en" : "ko");
        remember();
      }, { lang: state.language === "ko" ? "en" : "ko" }),
      parts.say,
    );
    parts.edges = make("g", { class: "edges" });
    parts.labels = make("g", { class: "labels" });
    parts.boxes = make("g");
    parts.layer = make("g", {}, parts.edges, parts.labels, parts.boxes);
    parts.desc = make("desc", { id: `${prefix}desc` });
    parts.svg = make("svg", { role: "group", "aria-label": word.graph, "aria-describedby": `${prefix}desc`, tabindex: 0, onkeydown: key }, parts.desc, parts.layer);
    for (const name of ["inputs", "node", "nudge", "step", "open"]) parts[name] = make("section", name === "node" || name === "step" ? { "aria-live": "polite" } : {});
    const legend = make("section", {}, ...section(word.legend, make("p", { class: "legend" }, make("span", { class: "value" }, word.value), make("span", { class: "gradient" }, word.gradient), make("span", { class: "local" }, word.local), make("span", {}, "┄ ", word.unused), make("span", {}, "∧ ", word.onKink)), make("p", { class: "quiet" }, word.help)));
    parts.views = make("div", { class: "views" }, parts.svg, make("div", { class: "texts" }, parts.inputs, parts.nudge, parts.step, parts.node, parts.open, legend));
    element.replaceChildren(tools, parts.views);
    element.classList.add("pathgrad");
    element.lang = state.language;
    pointers();
  }

  function pointers() {
    const held = new Map();
    const at = (event) => {
      const box = event.target.closest?.(".box");
      return box ? Number(box.dataset.box) : -1;
    };
    let moved = 0;
    parts.svg.addEventListener("pointerdown", (event) => {
      held.set(event.pointerId, [event.clientX, event.clientY]);
      moved = 0;
    });
    parts.svg.addEventListener("pointermove", (event) => {
      const last = held.get(event.pointerId);
      if (!last) return;
      const [dx, dy] = [event.clientX - last[0], event.clientY - last[1]];
      moved += Math.abs(dx) + Math.abs(dy);
      if (held.size === 2) {
        const [other] = [...held].filter(([id]) => id !== event.pointerId).map(([, p]) => p);
        const apart = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]);
        const frame = parts.svg.getBoundingClientRect();
        zoom(apart([event.clientX, event.clientY]) / Math.max(apart(last), 1), other[0] - frame.left, other[1] - frame.top);
      } else {
        view.x += dx;
        view.y += dy;
        move();
      }
      held.set(event.pointerId, [event.clientX, event.clientY]);
    });
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) parts.svg.addEventListener(name, (event) => held.delete(event.pointerId));
    parts.svg.addEventListener("pointerover", (event) => {
      const j = at(event);
      if (j >= 0 && !held.size && single(boxes[j])) select(boxes[j].nodes[0]);
    });
    parts.svg.addEventListener("focusin", (event) => {
      const j = at(event);
      if (j >= 0 && single(boxes[j])) select(boxes[j].nodes[0]);
    });
    parts.svg.addEventListener("click", (event) => {
      const j = at(event);
      if (j >= 0 && moved < 5) {
        if (boxes[j].group !== null) act(j);
        else focus(j);
      }
    });
    parts.svg.addEventListener("wheel", (event) => {
      event.preventDefault();
      const frame = parts.svg.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 500), event.clientX - frame.left, event.clientY - frame.top);
    }, { passive: false });
  }

  restore();
  graph.compute();
  if (state.theme) turn(state.theme);
  speak(state.language);
  if (state.node >= 0 && !state.quiz) {
    const node = state.node;
    state.node = -1;
    select(node);
  }
  new ResizeObserver(() => home()).observe(element);
  return { graph, state, select, set, step, toggle, goTo, reset, quiz, turn, speak, fit, boxes: () => boxes, edges: () => edges };
}
