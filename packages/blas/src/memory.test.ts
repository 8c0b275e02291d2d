import fc from "fast-check";
import { expect, test } from "vitest";
import { OutOfMemoryError } from "./errors.ts";
import { Frame, Heap } from "./memory.ts";
import { usedBytes } from "./testing.ts";

const PAGE = 65_536;
/** Bytes of constants, and address 0. */
const RESERVED = 256;
const heap = (pages = 1, maximum?: number) =>
  new Heap(new WebAssembly.Memory(maximum === undefined ? { initial: pages } : { initial: pages, maximum }));

test("blocks never overlap, are aligned, and what is freed is used again", () => {
  const action = fc.record({
    free: fc.boolean(),
    which: fc.nat(),
    bytes: fc.integer({ min: 0, max: 20_000 }),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const one = heap();
      const live: { address: number; bytes: number }[] = [];
      for (const { free, which, bytes } of actions) {
        if (free && live.length > 0) one.free(live.splice(which % live.length, 1)[0].address);
        else live.push({ address: one.allocate(bytes, "a test"), bytes });
      }
      live.sort((a, b) => a.address - b.address);
      for (const [i, { address, bytes }] of live.entries()) {
        expect(address % 64).toBe(0);
        expect(address).toBeGreaterThanOrEqual(RESERVED);
        expect(address + bytes).toBeLessThanOrEqual(live[i + 1]?.address ?? one.memory.buffer.byteLength);
      }
      for (const { address } of live) one.free(address);
      expect(usedBytes(one)).toBe(0);
      const before = one.memory.buffer.byteLength;
      one.allocate(before - RESERVED, "everything");
      expect(one.memory.buffer.byteLength).toBe(before);
    }),
  );
});

test("no block ends at 2^32, which is 0 as an address of 32 bits", () => {
  const one = heap();
  expect(() => one.allocate(2 ** 32 - RESERVED, "everything")).toThrow(OutOfMemoryError);
});

test("a freed block joins the free ranges before and after it", () => {
  const one = heap();
  const whole = one.memory.buffer.byteLength - RESERVED;
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  for (const order of orders) {
    const blocks = [0, 1, 2].map(() => one.allocate(64, "a test"));
    for (const i of order) one.free(blocks[i]);
    one.free(one.allocate(whole, "everything"));
  }
  expect(one.memory.buffer.byteLength).toBe(whole + RESERVED);
});

test("numbers survive growth", () => {
  const one = heap();
  const frame = new Frame("a test", one);
  const address = frame.copy(Float64Array.of(1, 2, 3));
  frame.bytes(10 * PAGE);
  expect(Array.from(one.numbers.subarray(address / 8, address / 8 + 3))).toEqual([1, 2, 3]);
  frame.release();
  expect(usedBytes(one)).toBe(0);
});

test("a memory that cannot grow names the size and the purpose, and is as it was", () => {
  const one = heap(1, 2);
  expect(() => one.allocate(2.5e6, "a product")).toThrow(OutOfMemoryError);
  expect(() => one.allocate(2.5e6, "a product")).toThrow("out of WebAssembly memory: 2.5 MB for a product");
  expect(() => one.allocate(2 ** 33, "a product")).toThrow("8589.9 MB");
  expect(usedBytes(one)).toBe(0);
  one.free(one.allocate(2 * PAGE - RESERVED, "what there is"));
});
