import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { exportOnnx } from "../export-onnx.ts";
import { onnxGraph } from "../import/onnx-graph.ts";
import { numbers } from "../ops/derivative-harness.ts";
import { add, convolution, relu, reshape } from "../ops/index.ts";
import { simplify } from "../simplify.ts";
import { f32, input, reachable, type Tensor } from "../tensor.ts";
import { planBiases } from "./convolution-bias.ts";
import { findUsage } from "./usage.ts";

const tensor = (label: string, ...shape: (number | string)[]) => input(label, { dtype: "f32", shape });

function planned(...outputs: Tensor[]): number {
  const simplified = simplify(outputs);
  const nodes = reachable(simplified);
  return planBiases(
    nodes,
    findUsage(nodes, simplified, () => true),
  ).size;
}

describe("a convolution takes up", () => {
  const convolved = () => convolution(tensor("x", "n", 2, 5, 5), tensor("w", 3, 2, 3, 3));

  test("a number for each channel, from either side", () => {
    expect(planned(add(convolved(), tensor("b", 3, 1, 1)))).toBe(1);
    expect(planned(add(tensor("b", 1, 3, 1, 1), convolved()))).toBe(1);
  });

  test("nothing along other axes, nothing of more dimensions, and nothing where it is used elsewhere", () => {
    expect(planned(add(convolved(), tensor("b", 3)))).toBe(0);
    expect(planned(add(convolved(), tensor("b", 3, 3, 1)))).toBe(0);
    expect(planned(add(convolved(), tensor("b", 1, 1)))).toBe(0);
    expect(planned(add(convolved(), tensor("b", 1, 1, 3, 1, 1)))).toBe(0);
    const shared = convolved();
    expect(planned(add(shared, tensor("b", 3, 1, 1)), shared)).toBe(0);
  });
});

test("a vector as it is, without the reshape that puts it beside the channels", () => {
  const nodesOf = (shared: boolean) => {
    const specs = { x: f32("n", 2, 5, 5), w: f32(3, 2, 3, 3), b: f32(3) };
    const model = exportOnnx(({ x, w, b }) => {
      const beside = reshape(b, [3, 1, 1]);
      const y = add(convolution(x, w), beside);
      return shared ? { y, beside } : { y };
    }, specs);
    return onnxGraph(model).nodes.map(({ operator }) => operator);
  };
  expect(nodesOf(false)).not.toContain("Reshape");
  expect(nodesOf(true).filter((operator) => operator === "Reshape")).toHaveLength(1);
});

test.each([[[]], [[4]], [[2, 3]]] as const)(
  "in float32 as in float64, leading dimensions %j",
  async (leading) => {
    const next = numbers(7);
    const draw = (...shape: number[]) =>
      array(
        Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5),
        shape,
      );
    const values = { x: draw(...leading, 2, 5, 4), w: draw(6, 2, 3, 2), b: draw(6, 1, 1) };
    const run = async (dtype: "f32" | "f64") => {
      const spec = (key: keyof typeof values) => ({ dtype, shape: values[key].shape });
      using program = await compile(
        ({ x, w, b }) => relu(add(convolution(x, w, { strides: [2, 1], padding: 1 }), b)),
        { x: spec("x"), w: spec("w"), b: spec("b") },
      );
      const typed = (key: keyof typeof values) =>
        dtype === "f32" ? values[key] : array(Float64Array.from(toNumbers(values[key])), values[key].shape);
      return program.run({ x: typed("x"), w: typed("w"), b: typed("b") });
    };
    const [single, double] = [await run("f32"), await run("f64")];
    expect(single.shape).toStrictEqual(double.shape);
    const wanted = toNumbers(double);
    toNumbers(single).forEach((value, i) => {
      expect(Math.abs(value - wanted[i])).toBeLessThan(1e-6);
    });
  },
);
