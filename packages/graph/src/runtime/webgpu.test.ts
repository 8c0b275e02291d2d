import { expect, test } from "vitest";
import { compile } from "../compile.ts";
import { UnsupportedError } from "../errors.ts";
import { cast, mul, sum } from "../ops/index.ts";
import { f32 } from "../tensor.ts";
import { webgpu } from "./webgpu.ts";

test("Node has no WebGPU, and says so", async () => {
  const program = compile((x) => mul(x, 2), f32(2), { runtime: webgpu });
  await expect(program).rejects.toThrow(UnsupportedError);
  await expect(program).rejects.toThrow("webgpu: WebGPU is not available");
});

test("float64 inside of a program is found, and where", async () => {
  const program = compile((x) => cast(sum(cast(x, "f64")), "f32"), f32(2), { runtime: webgpu });
  await expect(program).rejects.toThrow("webgpu has no kernels for f64, which a result of cast is");
});
