import { afterEach, expect, test } from "vitest";
import { countWasmMemories, wasmBytes } from "./wasm-memory.ts";

const Original = WebAssembly.Memory;
afterEach(() => {
  WebAssembly.Memory = Original;
});

test("memories are counted as large as they have grown, shared ones too", () => {
  countWasmMemories();
  const page = 65_536;
  const memory = new WebAssembly.Memory({ initial: 2 });
  expect(memory).toBeInstanceOf(Original);
  expect(wasmBytes()).toBe(2 * page);
  memory.grow(3);
  new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
  expect(wasmBytes()).toBe(6 * page);
});
