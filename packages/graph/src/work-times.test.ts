import { expect, test } from "vitest";
import { compile } from "./compile.ts";
import { mul, sum } from "./ops/index.ts";
import { stage } from "./stage.ts";
import { f64, type Tensor } from "./tensor.ts";
import { workTimes } from "./work-times.ts";

test("programs and runs are counted, those of both stages too", async () => {
  const before = workTimes();
  await using program = await compile((x: Tensor) => sum(mul(x, x)), f64(3));
  await program.run(Float64Array.of(1, 2, 3));
  await program.run(Float64Array.of(1, 2, 3));
  const between = workTimes();
  expect(between.programs - before.programs).toBe(1);
  expect(between.runs - before.runs).toBe(2);
  expect(between.compiling).toBeGreaterThan(before.compiling);
  expect(between.running).toBeGreaterThan(before.running);

  await using staged = await stage(({ fixed, varying }) => mul(sum(mul(fixed, fixed)), varying), {
    fixed: f64(3),
    varying: f64(3),
  });
  const prepared = await staged.prepare(Float64Array.of(1, 2, 3));
  await prepared.apply(Float64Array.of(1, 0, 0));
  const after = workTimes();
  expect(after.programs - between.programs).toBe(2);
  expect(after.runs - between.runs).toBe(2);
});
