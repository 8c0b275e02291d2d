import { compile, f64, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { logisticCurvature } from "./output-curvature.ts";

test("the logistic curvature keeps its digits where the outputs are far from 0", async () => {
  using program = await compile(
    ({ f, u }) => ({ product: logisticCurvature.product(f, u), root: logisticCurvature.root(f, u) }),
    { f: f64("n"), u: f64("n") },
  );
  const outputs = [18, 30, 36, 40, 200, 700].flatMap((f) => [f, -f]);
  const ones = Float64Array.from(outputs, () => 1);
  const result = await program.run({ f: Float64Array.from(outputs), u: ones });
  outputs.forEach((output, i) => {
    // e/(1 + e)^2 by its series in e = e^-|f|
    const e = Math.exp(-Math.abs(output));
    const curvature = e - 2 * e ** 2;
    expect(toNumbers(result.product)[i] / curvature).toBeCloseTo(1, 13);
    expect(toNumbers(result.root)[i] / Math.sqrt(curvature)).toBeCloseTo(1, 13);
  });
  const at0 = await program.run({ f: Float64Array.of(0), u: Float64Array.of(1) });
  expect([...toNumbers(at0.product), ...toNumbers(at0.root)]).toEqual([0.25, 0.5]);
});
