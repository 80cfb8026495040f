// Where boxes and edges go: columns from left to right, in which an edge passes other boxes in a lane of its own.
// Edges that leave one box share a lane until they part.

const LANE = 12;
const GAP = 16;

// boxes: [{ width, height }], which get x and y, their centres.  edges: [{ from, to, label }], where label is a width;
// they get d, the path, and at, the place of the label or null.  Returns the size of the whole.
export function layout(boxes, edges) {
  const layer = layers(boxes, edges);
  const columns = [];
  const items = boxes.map((box, i) => ({ box, layer: layer[i], height: box.height + GAP, before: [], after: [] }));
  for (const item of items) (columns[item.layer] ??= []).push(item);
  const chains = edges.map(() => []);
  lanes(items, edges, layer, columns, chains);
  order(columns);
  const height = place(columns);
  const total = across(columns, edges, layer);
  for (const item of items) {
    const { x, width } = columns[item.layer];
    Object.assign(item.box, { x, y: item.y, left: x - width / 2, right: x + width / 2 });
  }
  curves(boxes, edges, chains, columns);
  return { width: total, height };
}

// The column of each box: behind all that it depends on, and inputs directly before what they feed.
// An edge that would close a cycle is passed over.
function layers(boxes, edges) {
  const after = boxes.map(() => []);
  const before = boxes.map(() => []);
  edges.forEach((edge) => {
    after[edge.from].push(edge.to);
    before[edge.to].push(edge.from);
  });
  const state = new Uint8Array(boxes.length);
  const sorted = [];
  const back = new Set();
  boxes.forEach((_, root) => {
    const stack = state[root] ? [] : [[root, 0]];
    if (stack.length) state[root] = 1;
    while (stack.length) {
      const top = stack[stack.length - 1];
      const [box, next] = top;
      if (next === after[box].length) {
        state[box] = 2;
        sorted.push(box);
        stack.pop();
        continue;
      }
      top[1]++;
      const to = after[box][next];
      if (state[to] === 1) back.add(`${box} ${to}`);
      else if (state[to] === 0) {
        state[to] = 1;
        stack.push([to, 0]);
      }
    }
  });
  sorted.reverse();
  const found = new Array(boxes.length).fill(0);
  for (const box of sorted)
    for (const to of after[box]) if (!back.has(`${box} ${to}`)) found[to] = Math.max(found[to], found[box] + 1);
  for (const box of sorted) if (!before[box].length && after[box].length) found[box] = Math.min(...after[box].map((to) => found[to])) - 1;
  const least = Math.min(0, ...found);
  return found.map((x) => x - least);
}

// Lanes through the columns between the ends of an edge.
function lanes(items, edges, layer, columns, chains) {
  const join = (a, b) => {
    a.after.push(b);
    b.before.push(a);
  };
  const shared = new Map();
  edges.forEach((edge, k) => {
    let last = items[edge.from];
    const way = layer[edge.to] > layer[edge.from];
    if (!way) return;
    for (let l = layer[edge.from] + 1; l < layer[edge.to]; l++) {
      const key = `${edge.from} ${l}`;
      if (!shared.has(key)) {
        const lane = { layer: l, height: LANE, before: [], after: [] };
        shared.set(key, lane);
        columns[l].push(lane);
        join(last, lane);
      }
      last = shared.get(key);
      chains[k].push(last);
    }
    join(last, items[edge.to]);
  });
}

// The order in each column, by the mean place of the neighbours on one side, then on the other.
function order(columns) {
  const rank = (column) => column.forEach((item, k) => (item.rank = k / column.length));
  columns.forEach(rank);
  const mean = (list, rest) => (list.length ? list.reduce((t, x) => t + x.rank, 0) / list.length : rest);
  for (let sweep = 0; sweep < 12; sweep++) {
    const side = sweep % 2 ? "after" : "before";
    for (const column of sweep % 2 ? columns.slice().reverse() : columns) {
      for (const item of column) item.wish = mean(item[side], item.rank);
      column.sort((a, b) => a.wish - b.wish || a.rank - b.rank);
      rank(column);
    }
  }
}

// The heights: each item as near to the mean of its neighbours as the order allows.
function place(columns) {
  for (const column of columns) stack(column, column.map((_, k) => k));
  for (let sweep = 0; sweep < 10; sweep++) {
    const both = sweep > 5;
    for (const column of sweep % 2 ? columns.slice().reverse() : columns) {
      const wishes = column.map((item) => {
        const near = both ? [...item.before, ...item.after] : sweep % 2 ? item.after : item.before;
        return near.length ? near.reduce((t, x) => t + x.y, 0) / near.length : item.y;
      });
      stack(column, wishes);
    }
  }
  let top = Infinity;
  let bottom = -Infinity;
  for (const column of columns)
    for (const item of column) {
      top = Math.min(top, item.y - item.height / 2);
      bottom = Math.max(bottom, item.y + item.height / 2);
    }
  for (const column of columns) for (const item of column) item.y -= top;
  return bottom - top;
}

// Items in their order without overlap, with the least sum of squared distances from the wishes: neighbours that would
// overlap become one block.
function stack(column, wishes) {
  const blocks = [];
  let offset = 0;
  column.forEach((item, k) => {
    offset += item.height / 2;
    let block = { sum: wishes[k] - offset, count: 1, items: [[item, offset]] };
    offset += item.height / 2;
    while (blocks.length && blocks[blocks.length - 1].sum / blocks[blocks.length - 1].count >= block.sum / block.count) {
      const last = blocks.pop();
      block = { sum: last.sum + block.sum, count: last.count + block.count, items: [...last.items, ...block.items] };
    }
    blocks.push(block);
  });
  for (const { sum, count, items } of blocks) for (const [item, at] of items) item.y = sum / count + at;
}

// The horizontal places of the columns; between two of them is room for the labels of the edges.
function across(columns, edges, layer) {
  const room = columns.map(() => 40);
  for (const edge of edges) if (layer[edge.to] > 0) room[layer[edge.to] - 1] = Math.max(room[layer[edge.to] - 1], 40 + edge.label);
  let x = 0;
  columns.forEach((column, l) => {
    column.width = Math.max(0, ...column.map((item) => item.box?.width ?? 0));
    column.x = x + column.width / 2;
    x += column.width + room[l];
  });
  return x - room[columns.length - 1];
}

const cubic = (a, b, c, d, t) => a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t ** 2 * (1 - t) + d * t ** 3;

// The paths: across a column straight on, between columns a curve; and the places of the labels, which do not overlap.
function curves(boxes, edges, chains, columns) {
  const taken = [];
  edges.forEach((edge, k) => {
    const a = boxes[edge.from];
    const b = boxes[edge.to];
    let x = a.x + a.width / 2;
    let y = a.y;
    let d = `M${round(x)} ${round(y)}`;
    const run = (to) => {
      x = to;
      d += `H${round(x)}`;
    };
    const curve = (x1, y1) => {
      const middle = round((x + x1) / 2);
      d += `C${middle} ${round(y)} ${middle} ${round(y1)} ${round(x1)} ${round(y1)}`;
      [x, y] = [x1, y1];
    };
    run(a.right);
    for (const lane of chains[k]) {
      const column = columns[lane.layer];
      curve(column.x - column.width / 2, lane.y);
      run(column.x + column.width / 2);
    }
    edge.at = placed(edge.label, [x, y, b.left, b.y], taken, edges.length < 60 ? 32 : 15);
    curve(b.left, b.y);
    run(b.x - b.width / 2);
    edge.d = `${d}m-7 -4l7 4l-7 4`;
  });
}

const round = (x) => Math.round(x * 10) / 10;

function placed(width, [x0, y0, x1, y1], taken, height) {
  if (!width) return null;
  const middle = (x0 + x1) / 2;
  for (const t of [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82]) {
    const at = { x: cubic(x0, middle, middle, x1, t), y: cubic(y0, y0, y1, y1, t), width, height };
    const inside = at.x - width / 2 > x0 && at.x + width / 2 < x1;
    const free = taken.every((o) => Math.abs(o.x - at.x) * 2 > o.width + at.width || Math.abs(o.y - at.y) * 2 > o.height + at.height);
    if (inside && free) {
      taken.push(at);
      return [round(at.x), round(at.y)];
    }
  }
  return null;
}
