import { singularValues as blasSingularValues } from "@gradus/blas/orthogonal";
import { expect, expectTypeOf, test } from "vitest";
import { singularValues } from "./linalg/index.ts";
import { randomStream } from "./random/index.ts";

test("results can be put in a Blob or transferred without a cast", async () => {
  const a = { rows: 1, columns: 1, values: Float64Array.of(3) };
  // the type check is half of the test: a view of a shared buffer is no part of a Blob
  const parts = [singularValues(a), blasSingularValues({ a }), randomStream(1).unitSphere(2)];
  expectTypeOf(parts).toEqualTypeOf<Float64Array<ArrayBuffer>[]>();
  expect(new Blob(parts).size).toBe(32);
  const [moved] = structuredClone([parts[2]], { transfer: [parts[2].buffer] });
  expect(Math.hypot(...moved)).toBeCloseTo(1, 12);
});
