import { type ArrayValue, array, compile, f32, f64, floatData } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { treeSpecs } from "../../tree/signature.ts";
import { concatenatedNetwork } from "./concatenated-network.ts";
import { type DeepONetOptions, deepONet } from "./deep-onet.ts";
import { periodicMap, randomFourierMap } from "./feature-map.ts";
import type { OperatorNetwork } from "./operator-network.ts";

const n = 3;
const m = 4;
const q = 5;
const stream = randomStream(7);
const u = array(stream.fillNormal(new Float64Array(n * m)), [n, m]);
const numbers = (value: ArrayValue) => Array.from(floatData(value));
const sizeOf = (tree: unknown): number =>
  typeof tree === "object" && tree !== null
    ? "data" in tree && ArrayBuffer.isView(tree.data)
      ? (tree as ArrayValue).data.length
      : Object.values(tree).reduce<number>((total, part) => total + sizeOf(part), 0)
    : 0;

/** Both forms of a network on the same functions and locations: [n, q(, outputs)]. */
async function bothForms<P extends Parameters<typeof treeSpecs>[0]>(network: OperatorNetwork<never>, d = 1) {
  const y = array(randomStream(8).fillNormal(new Float64Array(q * d)), [q, d]);
  const repeated = array(
    Float64Array.from({ length: n * q * d }, (_, k) => floatData(y)[k % (q * d)]),
    [n, q, d],
  );
  const parameters = network.parameters({ stream: randomStream(3), dtype: "f64" }) as P;
  using program = await compile(
    ({ p, u, y, repeated, first }) => ({
      grid: network.applyGrid(p as never, u, y),
      scattered: network.applyScattered(p as never, u, repeated),
      single: network.applyScattered(p as never, u, first),
    }),
    {
      p: treeSpecs(parameters),
      u: f64(n, m),
      y: f64(q, d),
      repeated: f64(n, q, d),
      first: f64(n, 1, d),
    },
  );
  const first = array(
    Float64Array.from({ length: n * d }, (_, k) => floatData(y)[k % d]),
    [n, 1, d],
  );
  return { ...(await program.run({ p: parameters, u, y, repeated, first })), parameters, y };
}

const layered = (x: readonly number[], layers: readonly { weights: ArrayValue; bias: ArrayValue }[]) =>
  layers.reduce(
    (h, { weights, bias }) =>
      Array.from({ length: bias.data.length }, (_, j) =>
        Math.max(
          0,
          h.reduce((s, v, i) => s + v * Number(weights.data[i * bias.data.length + j]), Number(bias.data[j])),
        ),
      ),
    x,
  );

describe("deepONet", () => {
  test("is the sum of branch times trunk plus a number", async () => {
    const network = deepONet({ sensors: m, branch: [6, 3], trunk: [5, 3] });
    const { grid, parameters, y } = await bothForms(network as never);
    const [{ branch, trunk, offset }] = (parameters as unknown as ReturnType<typeof network.parameters>)
      .networks;
    const last = branch.last.weights.data;
    for (let i = 0; i < n; i++) {
      const h = layered(Array.from(floatData(u).subarray(i * m, (i + 1) * m)), branch.hidden);
      for (let k = 0; k < q; k++) {
        const t = layered([floatData(y)[k]], trunk.layers);
        const s = t.reduce((sum, tk, j) => {
          const bias = Number(branch.last.bias?.data[j] ?? 0);
          return sum + tk * h.reduce((b, v, l) => b + v * Number(last[l * 3 + j]), bias);
        }, Number(offset?.data[0]));
        expect(numbers(grid)[i * q + k]).toBeCloseTo(s, 12);
      }
    }
  });

  const cases: [string, DeepONetOptions][] = [
    ["unstacked", { sensors: m, branch: [6, 3], trunk: [5, 3] }],
    ["without bias", { sensors: m, branch: [6, 3], trunk: [5, 3], bias: false }],
    ["stacked", { sensors: m, branch: [6, 3], trunk: [5, 3], stacked: true }],
    ["in two dimensions", { sensors: m, dimension: 2, branch: [6, 3], trunk: [5, 3] }],
    ["with two outputs", { sensors: m, branch: [6, 4], trunk: [4], outputs: 2 }],
    ["split branch", { sensors: m, branch: [6, 4], trunk: [2], outputs: 2, strategy: "split-branch" }],
    ["split trunk", { sensors: m, branch: [2], trunk: [5, 4], outputs: 2, strategy: "split-trunk" }],
    ["independent", { sensors: m, branch: [6, 3], trunk: [3], outputs: 2, strategy: "independent" }],
    [
      "with Fourier features",
      {
        sensors: m,
        dimension: 2,
        branch: [3],
        trunk: [3],
        features: randomFourierMap({ inputs: 2, count: 4, deviation: 1, seed: 1 }),
      },
    ],
  ];
  test.each(cases)("%s, gives the same on a grid and at scattered points", async (_, options) => {
    const { grid, scattered, single } = await bothForms(deepONet(options) as never, options.dimension);
    const outputs = options.outputs ?? 1;
    expect(grid.shape).toEqual(outputs === 1 ? [n, q] : [n, q, outputs]);
    for (const [i, value] of numbers(grid).entries()) expect(value).toBeCloseTo(numbers(scattered)[i], 12);
    numbers(single).forEach((value, i) => {
      const row = Math.floor(i / outputs);
      expect(value).toBeCloseTo(numbers(grid)[row * q * outputs + (i % outputs)], 12);
    });
    expect(new Set(numbers(grid)).size).toBeGreaterThan(n);
  });

  test("stacked, each coefficient comes from a network of its own", async () => {
    const network = deepONet({ sensors: m, branch: [6, 3], trunk: [5, 3], stacked: true });
    const { grid, parameters, y } = await bothForms(network as never);
    const [{ branch, trunk }] = (parameters as unknown as ReturnType<typeof network.parameters>).networks;
    const part = ({ shape, data }: ArrayValue, k: number) => {
      const size = data.length / shape[0];
      return array(Float64Array.from(data.subarray(k * size, (k + 1) * size), Number), [size]);
    };
    for (let i = 0; i < n; i++) {
      const x = Array.from(floatData(u).subarray(i * m, (i + 1) * m));
      const b = [0, 1, 2].map((k) => {
        const hidden = branch.hidden.map(({ weights, bias }) => ({
          weights: part(weights, k),
          bias: part(bias, k),
        }));
        return layered(x, hidden).reduce(
          (s, v, l) => s + v * Number(part(branch.last.weights, k).data[l]),
          0,
        );
      });
      for (let p = 0; p < q; p++) {
        const t = layered([floatData(y)[p]], trunk.layers);
        expect(numbers(grid)[i * q + p]).toBeCloseTo(
          b.reduce((s, bk, k) => s + bk * t[k], 0),
          12,
        );
      }
    }
  });

  test("has as many parameters as its layers", () => {
    const count = (options: DeepONetOptions) =>
      sizeOf(deepONet(options).parameters({ stream: randomStream(1) }));
    expect(count({ sensors: 100, trunk: [40, 40] })).toBe(7401);
    expect(count({ sensors: 100 })).toBe(9041);
    expect(count({ sensors: 100, trunk: [40, 40], bias: false })).toBe(7401 - 41);
    expect(count({ sensors: 100, trunk: [40, 40], stacked: true })).toBe(40 * (4040 + 41) + 80 + 1640 + 1);
  });

  test("a trunk behind periodic features is periodic", async () => {
    const features = periodicMap({ periods: [0.5], harmonics: 3 });
    const network = deepONet({ sensors: m, branch: [3], trunk: [8, 3], features });
    const parameters = network.parameters({ stream: randomStream(2) });
    using program = await compile(({ p, u, y }) => network.applyGrid(p as never, u, y), {
      p: treeSpecs(parameters),
      u: f32(1, m),
      y: f32(4, 1),
    });
    const y = array(Float32Array.of(0.1, 0.6, 1.1, 0.3), [4, 1]);
    const s = numbers(await program.run({ p: parameters, u: array(Float32Array.of(1, 2, 3, 4), [1, m]), y }));
    expect(s[1]).toBeCloseTo(s[0], 4);
    expect(s[2]).toBeCloseTo(s[0], 4);
    expect(Math.abs(s[3] - s[0])).toBeGreaterThan(1e-3);
  });

  test("names parts that do not fit each other", () => {
    expect(() => deepONet({ sensors: 3, branch: [4, 5], trunk: [6] })).toThrow(
      "branch and trunk must end in as many coefficients, got 5 and 6",
    );
    expect(() => deepONet({ sensors: 3, branch: [5], trunk: [5], outputs: 2 })).toThrow(
      'the last width of branch must be a multiple of the 2 outputs with the strategy "split-both", got 5',
    );
    expect(() => deepONet({ sensors: 0 })).toThrow("sensors must be a positive integer, got 0");
    expect(() =>
      deepONet({ sensors: 3, dimension: 2, features: periodicMap({ periods: [1], harmonics: 1 }) }),
    ).toThrow("features must take 2 coordinates, got a map of 1");
    expect(() => deepONet({ sensors: 3, ...{ unheardOf: 1 } })).toThrow("unheardOf");
  });
});

test("the concatenated network gives the same on a grid and at scattered points", async () => {
  const { grid, scattered, single } = await bothForms(
    concatenatedNetwork({ sensors: m, dimension: 2, hidden: [6, 5] }) as never,
    2,
  );
  for (const [i, value] of numbers(grid).entries()) expect(value).toBeCloseTo(numbers(scattered)[i], 12);
  for (const [i, value] of numbers(single).entries()) expect(value).toBeCloseTo(numbers(grid)[i * q], 12);
});
