// TensorFlow.js' side of the comparison, on its WebAssembly backend: tfjs.mjs <inputs>. One thread: the backend
// turns threads off in Node.
import tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { readInputs } from "../input-files.ts";
import { sizes } from "../sizes.ts";
import { versionOf } from "../versions.ts";
import { serve } from "../worker.ts";

await tf.setBackend("wasm");
await tf.ready();
const inputs = readInputs(process.argv[2]);

function load(name) {
  const { dtype, shape, data } = inputs[name];
  return dtype === "i64" ? tf.tensor(Int32Array.from(data, Number), shape, "int32") : tf.tensor(data, shape);
}

const norm = (tensors) => Math.sqrt(tensors.reduce((sum, t) => sum + squares(t.dataSync()), 0));
const squares = (data) => data.reduce((sum, x) => sum + x * x, 0);
const dot = (a, b) =>
  a.reduce((sum, t, k) => {
    const other = b[k].dataSync();
    return sum + t.dataSync().reduce((s, x, i) => s + x * other[i], 0);
  }, 0);

/** The scalar loss on the host, and gradients as tensors that the caller disposes of. */
function valueAndGradients(loss, parameters) {
  const { value, grads } = tf.valueAndGrads((...p) => loss(p))(parameters);
  const number = value.dataSync()[0];
  value.dispose();
  return { value: number, gradients: grads };
}

/** A descent step; the old parameters and the gradients are freed. */
function descend(parameters, gradients, rate) {
  const next = parameters.map((p, i) => tf.tidy(() => tf.sub(p, tf.mul(gradients[i], rate))));
  tf.dispose([parameters, gradients]);
  return next;
}

/** A training step from given parameters, on batches that `batchOf` picks. */
class Training {
  unitsPerCall = 1;
  parameters = [];

  constructor(loss, start, rate, batch) {
    Object.assign(this, { loss, start, rate, batch });
  }

  reset() {
    tf.dispose(this.parameters);
    this.parameters = this.start.map((p) => tf.clone(p));
  }

  step(batch) {
    const { value, gradients } = valueAndGradients((p) => this.loss(p, ...batch), this.parameters);
    this.parameters = descend(this.parameters, gradients, this.rate);
    return value;
  }

  call() {
    return this.step(this.batch);
  }

  moved() {
    return tf.tidy(() => norm(this.parameters.map((p, i) => tf.sub(p, this.start[i]))));
  }

  run(iterations) {
    this.reset();
    return Array.from({ length: iterations }, () => this.call());
  }
}

// The two-layer classifier.

function crossEntropy([w1, b1, w2, b2], x, y) {
  const hidden = tf.relu(tf.add(tf.matMul(x, w1), b1));
  const logits = tf.add(tf.matMul(hidden, w2), b2);
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(y, w2.shape[1])), 1)));
}

const classifierStart = (group) => ["w1", "b1", "w2", "b2"].map((name) => load(`${group}.${name}`));

function step(group) {
  const { batch, learningRate } = sizes[group];
  const x = tf.slice(load(`${group}.x`), [0, 0], [batch, -1]);
  const y = tf.slice(load(`${group}.y`), [0], [batch]);
  const training = new Training(crossEntropy, classifierStart(group), learningRate, [x, y]);
  training.check = () => [...training.run(sizes.checkedIterations), training.moved()];
  return training;
}

function fusedSteps() {
  const { steps, learningRate } = sizes.small;
  const training = new Training(crossEntropy, classifierStart("small"), learningRate);
  const x = load("small.x");
  const y = load("small.y");
  const order = tf.unstack(load("small.order"));
  training.unitsPerCall = steps;
  training.call = () =>
    order.map((chosen) => {
      const rows = [tf.gather(x, chosen), tf.gather(y, chosen)];
      const value = training.step(rows);
      tf.dispose(rows);
      return value;
    });
  training.check = () => {
    training.reset();
    const losses = training.call();
    return [losses[0], losses.at(-1), training.moved()];
  };
  return training;
}

// The six-layer network.

const { layers } = sizes.deep;
const network = (prefix) =>
  Array.from({ length: layers }, (_, i) =>
    ["w", "b"].map((kind) => load(`deep.${prefix}${kind}${i}`)),
  ).flat();

// TF.js drops terms of second derivatives where an operation's gradient uses its output, as that of tanh does; those of
// sinh and cosh use their inputs.
const tanhOfInputs = (z) => tf.div(tf.sinh(z), tf.cosh(z));

function squaredError(parameters, x, y, activation = tf.tanh) {
  let h = x;
  for (let i = 0; i < layers; i++) {
    const z = tf.add(tf.matMul(h, parameters[2 * i]), parameters[2 * i + 1]);
    h = i < layers - 1 ? activation(z) : z;
  }
  return tf.mean(tf.square(tf.sub(h, y)));
}

function gradient() {
  const parameters = network("");
  const vector = network("v");
  const [x, y] = [load("deep.x"), load("deep.y")];
  const evaluate = () => valueAndGradients((p) => squaredError(p, x, y), parameters);
  return {
    unitsPerCall: 1,
    reset() {},
    call() {
      tf.dispose(evaluate().gradients);
    },
    check() {
      const { value, gradients } = evaluate();
      return [value, norm(gradients), dot(gradients, vector)];
    },
  };
}

/** The gradient of <gradient, vector>: TF.js has reverse mode only. */
function doubleBackward() {
  const parameters = network("");
  const vector = network("v");
  const [x, y] = [load("deep.x"), load("deep.y")];
  const slope = (...p) => {
    const gradients = tf.grads((...q) => squaredError(q, x, y, tanhOfInputs))(p);
    return tf.addN(gradients.map((g, i) => tf.sum(tf.mul(g, vector[i]))));
  };
  const product = () => tf.grads(slope)(parameters);
  return {
    unitsPerCall: 1,
    reset() {},
    call() {
      const result = product();
      result[0].dataSync();
      tf.dispose(result);
    },
    check() {
      const result = product();
      return [norm(result), dot(result, vector)];
    },
  };
}

// The linear model.

const { features, slope } = sizes.linear;
const metrics = {
  f1: ({ tp, fp, fn }) => tf.div(tf.mul(tp, 2), tf.addN([tf.mul(tp, 2), fp, fn])),
  balanced: ({ tp, fp, fn, tn }) =>
    tf.mul(tf.add(tf.div(tp, tf.add(tp, fn)), tf.div(tn, tf.add(tn, fp))), 0.5),
  gmean: ({ tp, fp, fn, tn }) => tf.sqrt(tf.mul(tf.div(tp, tf.add(tp, fn)), tf.div(tn, tf.add(tn, fp)))),
};

function metricLoss(metric, z, y) {
  const score = tf.mul(tf.sub(tf.sigmoid(z), 0.5), slope);
  const positive = tf.sigmoid(score);
  const negative = tf.sigmoid(tf.neg(score));
  const absent = tf.sub(1, y);
  const counts = {
    tp: tf.sum(tf.mul(y, positive)),
    fp: tf.sum(tf.mul(absent, positive)),
    fn: tf.sum(tf.mul(y, negative)),
    tn: tf.sum(tf.mul(absent, negative)),
  };
  return tf.sub(1, metric(counts));
}

const binaryCrossEntropy = (z, y) => tf.mean(tf.sub(tf.softplus(z), tf.mul(y, z)));

function linear(name) {
  const metric = metrics[name];
  const rate = metric ? sizes.linear.learningRate.metric : sizes.linear.learningRate.bce;
  const loss = ([theta], x, y) => {
    const z = tf.reshape(tf.matMul(x, theta), [-1]);
    return metric ? metricLoss(metric, z, y) : binaryCrossEntropy(z, y);
  };
  const direction = load("linear.direction");
  const batchOfAll = [load("linear.x"), load("linear.y")];
  const training = new Training(loss, [tf.zeros([features, 1])], rate, batchOfAll);
  training.check = () => {
    const losses = training.run(sizes.checkedIterations);
    return [losses[0], losses.at(-1), norm(training.parameters), dot(training.parameters, [direction])];
  };
  return training;
}

function matmul(order) {
  const [a, b] = [load(`matmul.${order}.a`), load(`matmul.${order}.b`)];
  const product = () => tf.tidy(() => tf.matMul(a, b).dataSync());
  return {
    unitsPerCall: 1,
    reset() {},
    call: product,
    check() {
      const data = product();
      return [Math.sqrt(squares(data)), data[0], data[data.length - 1]];
    },
  };
}

const programs = {
  step: () => step("small"),
  wide: () => step("wide"),
  steps: fusedSteps,
  gradient,
  hvp: doubleBackward,
  bce: () => linear("bce"),
  f1: () => linear("f1"),
  balanced: () => linear("balanced"),
  gmean: () => linear("gmean"),
};
for (const order of sizes.matmul) programs[`matmul-${order}`] = () => matmul(order);

await serve({
  identity: { version: versionOf("@tensorflow/tfjs", "peers"), settings: "1 thread" },
  build(program) {
    if (!(program in programs)) throw new Error("TF.js has no float64");
    return programs[program]();
  },
});
