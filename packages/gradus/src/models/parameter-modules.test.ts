import { expect, test } from "vitest";
import { sharingModules } from "./parameter-modules.ts";

/** A parameter that nodes of these names read. */
const read = (...nodes: string[]) => ({
  uses: { w: nodes.map((node) => ({ operator: "Mul", node, input: 1 })) },
});

test("modules that read one tensor share it, unless one is inside the other", () => {
  expect(sharingModules(read("/encoder/layers.0/norm1/Mul", "/encoder/layers.0/norm2/Mul"), "w")).toEqual([
    "encoder.layers.0.norm1",
    "encoder.layers.0.norm2",
  ]);
  expect(sharingModules(read("/attention/Mul", "/attention/out/Mul"), "w")).toEqual([]);
});

test("a module that is called twice shares nothing, nor do nodes of the model itself or of other exporters", () => {
  expect(sharingModules(read("/encoder/Mul", "/encoder/Mul_1"), "w")).toEqual([]);
  expect(sharingModules(read("/Mul", "/Mul_1"), "w")).toEqual([]);
  expect(sharingModules(read("dense/Mul", "Mul_7"), "w")).toEqual([]);
});
