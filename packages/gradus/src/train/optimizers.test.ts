import { add, array, div, mul, pow, square, sub, sum, type Tensor, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { solve } from "../iterate/iterate.ts";
import { adagrad, adagradNorm } from "./adagrad.ts";
import { adam, adamw } from "./adam.ts";
import { rmsprop } from "./rmsprop.ts";
import { cosineDecay } from "./schedules/cosine-decay.ts";
import { heavyBall, nesterov, sgd } from "./sgd.ts";
import { train } from "./train.ts";
import { chain, type GradientTransformation } from "./transformation.ts";
import { clipByGlobalNorm } from "./transformations/clip-by-norm.ts";
import { clipByValue } from "./transformations/clip-by-value.ts";
import { addDecayedWeights } from "./transformations/decayed-weights.ts";
import { scaleByLearningRate } from "./transformations/learning-rate.ts";
import { scaleByAdam } from "./transformations/scale-by-adam.ts";

/** sum of a d^2 / 2 + d^4 / 4 with d = w - c, where the data are one row with a and c. */
const quartic = ({ w }: { readonly w: Tensor }, { a, c }: { readonly a: Tensor; readonly c: Tensor }) => {
  const d = sub(w, c);
  return sum(add(div(mul(a, square(d)), 2), div(pow(d, 4), 4)));
};

async function afterSteps(optimizer: GradientTransformation, steps: number, dtype: "f32" | "f64" = "f64") {
  const of = (values: readonly number[], shape = [1, 3]) =>
    array(dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values), shape);
  const { iterate } = await solve(
    train({
      loss: quartic,
      parameters: { w: of([1.5, -0.7, 0.2], [3]) },
      data: { a: of([1, 3, 0.5]), c: of([0.3, -0.2, 1]) },
      optimizer,
      batchSize: "full",
      epochs: steps,
      epochsPerIterate: 2,
    }),
  );
  return toNumbers(iterate.parameters.w);
}

/** What PyTorch 2.6.0 prints after six steps on this function in float64. */
const printed: readonly [string, () => GradientTransformation, readonly number[]][] = [
  ["SGD", () => sgd({ learningRate: 0.1 }), [0.7124935832657998, -0.25501535618381554, 0.5464011955831671]],
  [
    "SGD with weight decay",
    () => chain(addDecayedWeights(0.2), sgd({ learningRate: 0.1 })),
    [0.6444716499174109, -0.23513062051835987, 0.5135631423872584],
  ],
  [
    "SGD with momentum",
    () => heavyBall({ learningRate: 0.05, momentum: 0.8 }),
    [0.24885684308180905, -0.013237997544269893, 0.7041069906133287],
  ],
  [
    "SGD with Nesterov's momentum",
    () => nesterov({ learningRate: 0.05, momentum: 0.8 }),
    [0.2981675874130648, -0.07710909300604317, 0.7243174345409755],
  ],
  [
    "Adam",
    () => adam({ learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-6 }),
    [0.9344067096454289, -0.17064205871111235, 0.7430139971950533],
  ],
  [
    "Adam with weight decay",
    () => chain(addDecayedWeights(0.3), adam({ learningRate: 0.1 })),
    [0.9226327260159819, -0.15176493214074263, 0.7249122253782283],
  ],
  [
    "AdamW",
    () => adamw({ learningRate: 0.1, weightDecay: 0.3 }),
    [0.7338347429742684, -0.10098785796182919, 0.6858999770755922],
  ],
  [
    "Adagrad",
    () => adagrad({ learningRate: 0.3 }),
    [0.7648716180215237, -0.20542684232898034, 0.817681357283272],
  ],
  [
    "Adagrad from an initial sum",
    () => adagrad({ learningRate: 0.3, initialAccumulator: 0.5, epsilon: 1e-3 }),
    [0.774882647707507, -0.20962414701423426, 0.7583686459218812],
  ],
  [
    "RMSprop",
    () => rmsprop({ learningRate: 0.05, decay: 0.9 }),
    [1.006846213516865, -0.2779576928344354, 0.646337836865585],
  ],
  [
    "RMSprop, centered",
    () => rmsprop({ learningRate: 0.02, decay: 0.9, centered: true }),
    [1.2410140192526726, -0.45263387402404825, 0.4467658277953661],
  ],
  [
    "RMSprop with momentum",
    () => rmsprop({ learningRate: 0.02, decay: 0.9, momentum: 0.7 }),
    [0.9989160276969734, -0.23650102652298371, 0.6718735036078748],
  ],
  [
    "SGD after clipping by value",
    () => chain(clipByValue(0.6), sgd({ learningRate: 0.1 })),
    [1.1399999999999997, -0.3399999999999998, 0.5210544721207347],
  ],
  [
    "SGD with cosine annealing",
    () => sgd({ learningRate: cosineDecay({ initial: 0.1, final: 0.01, counts: 6 }) }),
    [0.8688473898956842, -0.3302515715659464, 0.4538077452067039],
  ],
];

test.each(printed)("%s ends where PyTorch does", async (_, optimizer, expected) => {
  const double = await afterSteps(optimizer(), 6);
  const single = await afterSteps(optimizer(), 6, "f32");
  expected.forEach((value, i) => {
    expect(Math.abs(double[i] - value)).toBeLessThan(1e-13);
    expect(Math.abs(single[i] - value)).toBeLessThan(3e-6);
  });
});

test("clipping by the global norm follows PyTorch's, which adds 1e-6 to the norm", async () => {
  const w = await afterSteps(chain(clipByGlobalNorm(1), sgd({ learningRate: 0.1 })), 6);
  [1.0112201920891657, -0.4083198609755153, 0.38815332237077893].forEach((value, i) => {
    expect(Math.abs(w[i] - value)).toBeLessThan(1e-6);
  });
});

test("AdaGrad-Norm follows the recursion of Ward, Wu and Bottou", async () => {
  const [a, c] = [
    [1, 3, 0.5],
    [0.3, -0.2, 1],
  ];
  let w = [1.5, -0.7, 0.2];
  let v = 0.04;
  for (let t = 0; t < 5; t++) {
    const g = w.map((x, i) => a[i] * (x - c[i]) + (x - c[i]) ** 3);
    v += g.reduce((s, x) => s + x * x, 0);
    w = w.map((x, i) => x - (0.5 * g[i]) / Math.sqrt(v));
  }
  const got = await afterSteps(adagradNorm({ learningRate: 0.5, initialAccumulator: 0.04 }), 5);
  got.forEach((value, i) => {
    expect(value).toBeCloseTo(w[i], 13);
  });
});

test("Adam's first step is the learning rate against the gradient's sign", async () => {
  const w = await afterSteps(adam({ learningRate: 0.01 }), 1);
  [1.5 - 0.01, -0.7 + 0.01, 0.2 + 0.01].forEach((value, i) => {
    expect(Math.abs(w[i] - value)).toBeLessThan(1e-9);
  });
});

test("AdamW is the chain that it is said to be", async () => {
  const parts = chain(scaleByAdam(), addDecayedWeights(0.3), scaleByLearningRate(0.1));
  expect(await afterSteps(parts, 6)).toStrictEqual(
    await afterSteps(adamw({ learningRate: 0.1, weightDecay: 0.3 }), 6),
  );
});

/** w_t from w_0 = w_1's recursion: the roots of r^2 - (1 + momentum - rate a) r + momentum. */
test.each([
  ["oscillates where the roots are complex", 0.81, 0.2, 1],
  ["creeps where they are real", 0.25, 0.02, 1],
])("the heavy ball on a parabola %s, as its roots say", async (_, momentum, rate, curvature) => {
  const steps = 40;
  const { iterate } = await solve(
    train({
      loss: ({ w }: { readonly w: Tensor }, { a }: { readonly a: Tensor }) => sum(div(mul(a, square(w)), 2)),
      parameters: { w: array(Float64Array.of(1)) },
      data: { a: array(Float64Array.of(curvature), [1, 1]) },
      optimizer: heavyBall({ learningRate: rate, momentum }),
      batchSize: "full",
      epochs: steps,
      epochsPerIterate: steps,
    }),
  );
  const b = 1 + momentum - rate * curvature;
  const discriminant = b * b - 4 * momentum;
  // w_0 = 1 and w_1 = 1 - rate a.
  let expected: number;
  if (discriminant < 0) {
    const angle = Math.acos(b / (2 * Math.sqrt(momentum)));
    const slope = (1 - rate * curvature) / Math.sqrt(momentum);
    const sine = (slope - Math.cos(angle)) / Math.sin(angle);
    expected = momentum ** (steps / 2) * (Math.cos(steps * angle) + sine * Math.sin(steps * angle));
  } else {
    const [r, s] = [(b + Math.sqrt(discriminant)) / 2, (b - Math.sqrt(discriminant)) / 2];
    const share = (1 - rate * curvature - s) / (r - s);
    expected = share * r ** steps + (1 - share) * s ** steps;
  }
  expect(Math.abs(toNumbers(iterate.parameters.w)[0] - expected)).toBeLessThan(1e-13);
});
