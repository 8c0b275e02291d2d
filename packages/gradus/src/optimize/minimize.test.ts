import { describe, expect, test } from "vitest";
import { rosenbrock } from "../objectives/rosenbrock.ts";
import { minimize } from "./minimize.ts";
import { gnsNewton } from "./second-order/gns-newton.ts";

describe("what is no problem is refused at the border", () => {
  const f = rosenbrock(2);
  const x0 = Float64Array.of(-1, 1);
  const wanted =
    "problem must be an objective { dimension, value, gradient, valueAndGradient }, or a residual for methods of least squares";
  test.each([
    [undefined, x0, `${wanted}, got undefined`],
    [(x: Float64Array) => x[0] ** 2, x0, `${wanted}, got a function`],
    [{ value: () => 1 }, x0, `${wanted}, got an object with keys value`],
    [f, undefined, "x0 must be a Float64Array, got undefined"],
    [f, 3, "x0 must be a Float64Array, got 3"],
    [f, new Float64Array(3), "x0 must have 2 numbers, got 3"],
    [{ ...f, dimension: 1.5 }, x0, "dimension must be a positive integer, got 1.5"],
  ])("%#", async (problem, start, message) => {
    for (const options of [{}, { method: gnsNewton }])
      await expect(minimize(problem as never, start as never, options)).rejects.toThrow(message);
  });

  test("a function that is missing is named, with where it comes from", async () => {
    await expect(minimize({ dimension: 2, value: f.value } as never, x0)).rejects.toThrow(
      "objective must have a function gradient, got undefined; objectiveFromGraph derives it, and minimizeByValues needs values alone",
    );
    const { value, gradient, valueAndGradient } = f;
    const first = { dimension: 2, value, gradient, valueAndGradient };
    await expect(minimize(first, x0, { method: gnsNewton })).rejects.toThrow(
      'hessian: the objective has no Hessian-vector products; "differences" takes those of gradients',
    );
    const { status } = await minimize(first, x0, { method: gnsNewton, hessian: "differences" });
    expect(status).toBe("converged");
  });
});
