// A graph that computes: the forward pass, the backward sweep step by step, paths and flows.
// It knows no calculus: every value and every slope comes from the rules, which are written from the table.

// Numbers in JSON: infinities and nan are strings.
const read = (x) => (typeof x === "string" ? { nan: NaN, inf: Infinity, "-inf": -Infinity }[x] : x);

const close = (x, y) => Object.is(x, y) || x === y || Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));

export class Graph {
  // data: see the schema in data.py.  rules: the rows of the table by name.
  constructor(data, rules) {
    const nodes = data.nodes;
    const n = nodes.length;
    this.nodes = nodes;
    this.count = n;
    this.output = n - 1;
    this.value = Float64Array.from(nodes, (node) => read(node.value));
    this.recorded = this.value.slice();
    this.grad = new Float64Array(n);
    this.reached = new Uint8Array(n);
    this.kinks = new Uint8Array(n);
    this.into = nodes.map(() => []);
    this.outOf = nodes.map(() => []);
    this.edges = [];
    this.constants = nodes.map((node) => (node.operands ?? []).map((x) => (typeof x === "number" ? null : read(x[0]))));
    nodes.forEach((node, to) =>
      (node.operands ?? []).forEach((from, place) => {
        if (typeof from !== "number") return;
        this.into[to].push(this.edges.length);
        this.outOf[from].push(this.edges.length);
        this.edges.push({ from, to, place });
      }),
    );
    this.slope = new Float64Array(this.edges.length);
    this.live = new Uint8Array(this.edges.length);
    this.rule = nodes.map((node) => (node.row !== undefined && Object.hasOwn(rules, node.row) ? rules[node.row] : null));
    this.rule.forEach((rule, i) => {
      if (rule && !close(Number(rule.value(...this.operands(i))), this.value[i])) this.rule[i] = null;
    });
    this.compute();
  }

  // Whether a node is not recomputed: its row is not among the rules, or does not give the recorded value.
  frozen(i) {
    return this.nodes[i].row !== undefined && this.rule[i] === null;
  }

  isInput(i) {
    return this.nodes[i].row === undefined;
  }

  operands(i) {
    const found = this.constants[i].slice();
    for (const e of this.into[i]) found[this.edges[e].place] = this.value[this.edges[e].from];
    return found;
  }

  compute() {
    this.forward();
    this.backward();
  }

  forward() {
    for (let i = 0; i < this.count; i++) {
      const rule = this.rule[i];
      if (this.isInput(i)) continue;
      if (rule === null) {
        this.keep(i);
        continue;
      }
      const xs = this.operands(i);
      this.value[i] = Number(rule.value(...xs));
      const slopes = rule.slopes(...xs, this.value[i]);
      this.kinks[i] = rule.kink !== undefined && rule.kink(...xs) === 0 ? 1 : 0;
      const all = !rule.selects || this.kinks[i];
      for (const e of this.into[i]) {
        this.slope[e] = slopes[this.edges[e].place];
        this.live[e] = all || this.slope[e] !== 0 ? 1 : 0;
      }
    }
  }

  // A frozen node has its recorded value and slopes, as long as its operands have theirs; otherwise nan.
  keep(i) {
    const node = this.nodes[i];
    const same = this.into[i].every((e) => Object.is(this.value[this.edges[e].from], this.recorded[this.edges[e].from]));
    this.value[i] = same ? this.recorded[i] : NaN;
    this.kinks[i] = same && node.kink ? 1 : 0;
    for (const e of this.into[i]) {
      const place = this.edges[e].place;
      this.slope[e] = same && node.slopes ? read(node.slopes[place]) : NaN;
      this.live[e] = same && node.unused?.includes(place) ? 0 : 1;
    }
  }

  // The sweep.  steps has an entry for each contribution, in order: its edge, and the gradient so far.
  backward() {
    this.grad.fill(0);
    this.reached.fill(0);
    this.grad[this.output] = this.reached[this.output] = 1;
    this.steps = [];
    for (let i = this.output; i >= 0; i--) {
      if (!this.reached[i]) continue;
      for (const e of this.into[i]) {
        if (!this.live[e]) continue;
        const from = this.edges[e].from;
        const contribution = this.grad[i] * this.slope[e];
        this.grad[from] = this.reached[from] ? this.grad[from] + contribution : contribution;
        this.reached[from] = 1;
        this.steps.push({ edge: e, contribution, total: this.grad[from] });
      }
    }
  }

  // The gradient of each node after some steps; nan where nothing has arrived.
  gradients(steps) {
    if (steps >= this.steps.length) return this.grad.map((x, i) => (this.reached[i] ? x : NaN));
    const found = new Float64Array(this.count).fill(NaN);
    found[this.output] = 1;
    for (let s = 0; s < steps; s++) found[this.edges[this.steps[s].edge].from] = this.steps[s].total;
    return found;
  }

  // The number of paths from a node to the output, and the sum of their products.
  total(start) {
    const count = new Map([[start, 1n]]);
    const sum = new Map([[start, 1]]);
    for (let i = start; i < this.count; i++) {
      if (!count.has(i)) continue;
      for (const e of this.outOf[i]) {
        const to = this.edges[e].to;
        count.set(to, (count.get(to) ?? 0n) + count.get(i));
        if (this.live[e] && sum.has(i)) sum.set(to, (sum.get(to) ?? 0) + sum.get(i) * this.slope[e]);
      }
    }
    return { count: count.get(this.output) ?? 0n, sum: sum.get(this.output) ?? 0 };
  }

  // The paths of largest |product| from a node to the output, as lists of edges.  Each path found leads along the best
  // edges from where it leaves an earlier one, so the next one takes one walk, also among ties.
  paths(start, limit) {
    const best = new Float64Array(this.count).fill(-Infinity);
    best[this.output] = 0;
    const weight = (e) => {
      const size = Math.log(Math.abs(this.slope[e]));
      const rank = (Number.isNaN(size) ? 700 : Math.min(Math.max(size, -745), 745)) + best[this.edges[e].to];
      return this.live[e] ? rank : -Infinity;
    };
    for (let i = this.output - 1; i >= start; i--) for (const e of this.outOf[i]) best[i] = Math.max(best[i], weight(e));
    const sorted = new Map();
    const choices = (i) => {
      if (!sorted.has(i)) {
        const open = this.outOf[i].filter((e) => best[this.edges[e].to] > -Infinity && this.live[e]);
        sorted.set(i, open.map((e) => [weight(e), e]).sort((a, b) => b[0] - a[0]));
      }
      return sorted.get(i);
    };
    const found = [];
    if (start === this.output) return [[]];
    const waiting = choices(start).length ? [{ rank: best[start], trail: [], at: start, choice: 0 }] : [];
    while (waiting.length && found.length < limit) {
      let first = 0;
      for (let k = 1; k < waiting.length; k++) if (waiting[k].rank > waiting[first].rank) first = k;
      const [{ rank, trail, at, choice }] = waiting.splice(first, 1);
      const path = trail.slice();
      for (let i = at, c = choice; i !== this.output; c = 0) {
        const options = choices(i);
        if (c + 1 < options.length) {
          const lost = options[c][0] - options[c + 1][0];
          waiting.push({ rank: rank - lost, trail: path.slice(), at: i, choice: c + 1 });
        }
        path.push(options[c][1]);
        i = this.edges[options[c][1]].to;
      }
      found.push(path);
    }
    return found;
  }

  product(path) {
    return path.reduce((total, e) => total * this.slope[e], 1);
  }

  // The part of the derivative in a node that runs along each edge: what enters a node leaves it.
  flows(start) {
    const rate = new Float64Array(this.count);
    rate[start] = 1;
    const found = new Float64Array(this.edges.length);
    for (let i = start; i < this.count; i++) {
      for (const e of this.into[i]) {
        const from = this.edges[e].from;
        if (this.live[e] && from >= start && rate[from] !== 0) {
          rate[i] += rate[from] * this.slope[e];
          found[e] = rate[from] * this.slope[e] * this.grad[i];
        }
      }
    }
    return found;
  }
}

// A number with five significant digits, as in the pictures of Python.
export function number(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (x === 0) return "0";
  const [mantissa, exponent] = x.toExponential(4).split("e");
  const power = Number(exponent);
  const short = (digits) => (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits);
  return power < -4 || power >= 5 ? `${short(mantissa)}e${power}` : short(x.toFixed(4 - power));
}
