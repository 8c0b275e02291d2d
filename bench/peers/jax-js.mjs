// jax-js' side of the comparison, on its WebAssembly backend: jax-js.mjs <inputs>. Everything is jitted. One thread:
// its workers need a global `Worker`, which Node does not have.
import {
  blockUntilReady,
  defaultDevice,
  grad,
  init,
  jit,
  jvp,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import { readInputs } from "../input-files.ts";
import { sizes } from "../sizes.ts";
import { versionOf } from "../versions.ts";
import { serve } from "../worker.ts";

await init("wasm");
defaultDevice("wasm");
const inputs = readInputs(process.argv[2]);

function load(name, dtype = np.float32) {
  const { dtype: stored, shape, data } = inputs[name];
  if (stored === "i64") return np.array(Int32Array.from(data, Number), { shape, dtype: np.int32 });
  const values = dtype === np.float64 ? Float64Array.from(data) : data;
  return np.array(values, { shape, dtype });
}

/** jax-js functions consume their arguments: this passes another reference. */
const again = (value) => tree.ref(value);

/** The leaves' data, leaving the tree usable. */
const dataOf = (value) => tree.leaves(value).map((leaf) => leaf.ref.dataSync());
const dotData = (a, b) => a.reduce((sum, x, k) => sum + x.reduce((s, v, i) => s + v * b[k][i], 0), 0);
const norm = (data) => Math.sqrt(dotData(data, data));

/** A training step as one jitted function: (parameters, ...batch) to [loss, parameters]. */
function training(loss, rate) {
  return jit((parameters, ...batch) => {
    const [value, gradient] = valueAndGrad(loss)(again(parameters), ...batch);
    return [value, tree.map((p, g) => p.sub(g.mul(rate)), parameters, gradient)];
  });
}

class Training {
  unitsPerCall = 1;
  parameters = undefined;

  constructor(loss, start, rate, batch) {
    Object.assign(this, { start, batch, step: training(loss, rate) });
  }

  reset() {
    if (this.parameters) tree.dispose(this.parameters);
    this.parameters = again(this.start);
  }

  async call() {
    const [loss, parameters] = this.step(this.parameters, ...again(this.batch));
    this.parameters = parameters;
    await blockUntilReady(parameters);
    return (await loss.data())[0];
  }

  moved() {
    const start = dataOf(this.start);
    return norm(dataOf(this.parameters).map((data, k) => data.map((x, i) => x - start[k][i])));
  }

  async run(iterations) {
    this.reset();
    const losses = [];
    for (let i = 0; i < iterations; i++) losses.push(await this.call());
    return losses;
  }
}

// The two-layer classifier.

function crossEntropy({ w1, b1, w2, b2 }, x, y) {
  const hidden = nn.relu(np.matmul(x, w1).add(b1));
  const classes = w2.shape[1];
  const logits = np.matmul(hidden, w2).add(b2);
  return nn.logSoftmax(logits).mul(nn.oneHot(y, classes)).sum(1).mean().neg();
}

const classifierStart = (group) =>
  Object.fromEntries(["w1", "b1", "w2", "b2"].map((name) => [name, load(`${group}.${name}`)]));

function step(group) {
  const { batch, learningRate } = sizes[group];
  const x = load(`${group}.x`).slice([0, batch]);
  const y = load(`${group}.y`).slice([0, batch]);
  const runner = new Training(crossEntropy, classifierStart(group), learningRate, [x, y]);
  runner.check = async () => [...(await runner.run(sizes.checkedIterations)), runner.moved()];
  return runner;
}

/** jax-js has no loop primitive (no scan): a jitted step that gathers its batch, called a hundred times. */
function fusedSteps() {
  const { steps, learningRate } = sizes.small;
  const rows = load("small.order");
  const order = Array.from({ length: steps }, (_, i) => rows.ref.slice(i));
  const gathered = (parameters, chosen, x, y) =>
    crossEntropy(parameters, np.take(x, chosen.ref, 0), np.take(y, chosen, 0));
  const runner = new Training(gathered, classifierStart("small"), learningRate);
  const x = load("small.x");
  const y = load("small.y");
  runner.unitsPerCall = steps;
  runner.call = async () => {
    const losses = [];
    for (const chosen of order) {
      const [loss, parameters] = runner.step(runner.parameters, chosen.ref, x.ref, y.ref);
      runner.parameters = parameters;
      losses.push(loss);
    }
    await blockUntilReady(runner.parameters);
    return losses.map((loss) => loss.dataSync()[0]);
  };
  runner.check = async () => {
    runner.reset();
    const losses = await runner.call();
    return [losses[0], losses.at(-1), runner.moved()];
  };
  return runner;
}

// The six-layer network.

const { layers } = sizes.deep;
const network = (prefix, dtype) =>
  Array.from({ length: layers }, (_, i) => ({
    w: load(`deep.${prefix}w${i}`, dtype),
    b: load(`deep.${prefix}b${i}`, dtype),
  }));

function squaredError(parameters, x, y) {
  let h = x;
  parameters.forEach(({ w, b }, i) => {
    const z = np.matmul(h, w).add(b);
    h = i < layers - 1 ? np.tanh(z) : z;
  });
  return np.square(h.sub(y)).mean();
}

/** A pure function of fixed arguments; each result is awaited and freed. */
function repeated(f, args, check) {
  const evaluate = async () => blockUntilReady(f(...again(args)));
  return {
    unitsPerCall: 1,
    reset() {},
    call: async () => tree.dispose(await evaluate()),
    check: async () => check(dataOf(await evaluate())),
  };
}

function gradient() {
  const vector = dataOf(network("v"));
  return repeated(
    jit(valueAndGrad(squaredError)),
    [network(""), load("deep.x"), load("deep.y")],
    ([value, ...gradients]) => [value[0], norm(gradients), dotData(gradients, vector)],
  );
}

function product(dtype) {
  const vector = network("v", dtype);
  const direction = dataOf(vector);
  const forwardOverReverse = jit((parameters, tangent, x, y) => {
    const [primal, derivative] = jvp((p) => grad(squaredError)(p, x, y), [parameters], [tangent]);
    tree.dispose(primal);
    return derivative;
  });
  return repeated(
    forwardOverReverse,
    [network("", dtype), vector, load("deep.x", dtype), load("deep.y", dtype)],
    (result) => [norm(result), dotData(result, direction)],
  );
}

// The linear model.

const { features, slope } = sizes.linear;
const sumOf = (...terms) => terms.reduce((a, b) => a.add(b));
const metrics = {
  f1: ({ tp, fp, fn }) => tp.ref.mul(2).div(sumOf(tp.mul(2), fp, fn)),
  balanced: ({ tp, fp, fn, tn }) =>
    tp.ref
      .div(tp.add(fn))
      .add(tn.ref.div(tn.add(fp)))
      .mul(0.5),
  gmean: ({ tp, fp, fn, tn }) => np.sqrt(tp.ref.div(tp.add(fn)).mul(tn.ref.div(tn.add(fp)))),
};

function metricLoss(metric, z, y) {
  const score = nn.sigmoid(z).sub(0.5).mul(slope);
  const positive = nn.sigmoid(score.ref);
  const negative = nn.sigmoid(score.neg());
  const absent = y.ref.neg().add(1);
  const counts = {
    tp: y.ref.mul(positive.ref).sum(),
    fp: absent.ref.mul(positive).sum(),
    fn: y.mul(negative.ref).sum(),
    tn: absent.mul(negative).sum(),
  };
  return metric(counts).neg().add(1);
}

const binaryCrossEntropy = (z, y) => nn.softplus(z.ref).sub(y.mul(z)).mean();

function linear(name) {
  const metric = metrics[name];
  const rate = metric ? sizes.linear.learningRate.metric : sizes.linear.learningRate.bce;
  const loss = (theta, x, y) => {
    const z = np.matmul(x, theta);
    return metric ? metricLoss(metric, z, y) : binaryCrossEntropy(z, y);
  };
  const direction = dataOf(load("linear.direction"));
  const runner = new Training(loss, np.zeros([features]), rate, [load("linear.x"), load("linear.y")]);
  runner.check = async () => {
    const losses = await runner.run(sizes.checkedIterations);
    return [
      losses[0],
      losses.at(-1),
      norm(dataOf(runner.parameters)),
      dotData(dataOf(runner.parameters), direction),
    ];
  };
  return runner;
}

function matmul(order) {
  const [a, b] = [load(`matmul.${order}.a`), load(`matmul.${order}.b`)];
  const multiply = jit((x, y) => np.matmul(x, y));
  const product = () => multiply(again(a), again(b)).data();
  return {
    unitsPerCall: 1,
    reset() {},
    call: product,
    async check() {
      const data = await product();
      return [norm([data]), data[0], data[data.length - 1]];
    },
  };
}

const programs = {
  step: () => step("small"),
  wide: () => step("wide"),
  steps: fusedSteps,
  gradient,
  hvp: () => product(np.float32),
  "hvp-double": () => product(np.float64),
  bce: () => linear("bce"),
  f1: () => linear("f1"),
  balanced: () => linear("balanced"),
  gmean: () => linear("gmean"),
};
for (const order of sizes.matmul) programs[`matmul-${order}`] = () => matmul(order);

await serve({
  identity: { version: versionOf("@jax-js/jax", "peers"), settings: "1 thread" },
  build: (program) => programs[program](),
});
