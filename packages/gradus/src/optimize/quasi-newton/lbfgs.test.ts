import { expect, test } from "vitest";
import { rosenbrock } from "../../objectives/rosenbrock.ts";
import { type LbfgsOptions, lbfgs } from "./lbfgs.ts";

async function after(iterations: number, options: LbfgsOptions): Promise<Float64Array> {
  for await (const { iteration, x } of lbfgs(rosenbrock(30), new Float64Array(30).fill(-1), options))
    if (iteration === iterations) return x.slice();
  throw new Error("the method ended early");
}

test("the last ten steps are kept where no other number is given", async () => {
  const [own, ten, nine] = [
    await after(14, {}),
    await after(14, { memory: 10 }),
    await after(14, { memory: 9 }),
  ];
  expect(own).toStrictEqual(ten);
  expect(own).not.toStrictEqual(nine);
});
