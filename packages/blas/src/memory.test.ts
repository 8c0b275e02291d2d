import fc from "fast-check";
import { expect, test } from "vitest";
import { OutOfMemoryError } from "./errors.ts";
import { Frame, Heap, sharedHeap, withFrame } from "./memory.ts";
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

test("small blocks of a call lie on the stack, larger ones in the heap, and both are given back", () => {
  const { sizes } = sharedHeap();
  const before = sizes.size;
  const small = () =>
    withFrame("a call", (frame) => {
      const addresses = [frame.bytes(1), frame.numbers(100), frame.bytes(0), frame.numbers(8)];
      expect(sizes.size).toBe(before);
      return addresses;
    });
  const first = small();
  expect(first.map((address) => address - first[0])).toEqual([0, 64, 896, 960]);
  expect(first[0] % 64).toBe(0);
  withFrame("a call", (frame) => {
    frame.bytes(65_536);
    expect(sizes.size).toBe(before);
    frame.bytes(1);
    frame.bytes(1);
    expect(sizes.size).toBe(before + 2);
  });
  withFrame("a call", (frame) => {
    frame.bytes(65_537);
    expect(sizes.size).toBe(before + 1);
  });
  expect(sizes.size).toBe(before);
  expect(small()).toEqual(first);
});

test("blocks of calls within calls stay apart, also where one throws or an outer call asks for more", () => {
  const before = sharedHeap().sizes.size;
  withFrame("an outer call", (outer) => {
    const written: { address: number; value: number }[] = [];
    const keep = (frame: Frame, value: number) =>
      written.push({ address: frame.copy(Float64Array.of(value)), value });
    keep(outer, 1);
    const inner = () =>
      withFrame("an inner call", (frame) => {
        frame.copy(Float64Array.of(-1));
        keep(outer, 2);
        frame.copy(Float64Array.of(-1));
        throw new RangeError("an inner call");
      });
    expect(inner).toThrow("an inner call");
    keep(outer, 3);
    withFrame("a call", (frame) => frame.copy(new Float64Array(100)));
    for (const { address, value } of written) expect(sharedHeap().numbers[address / 8]).toBe(value);
  });
  expect(sharedHeap().sizes.size).toBe(before);
});

test("a call refuses what is no size", () => {
  for (const bytes of [-1, Number.NaN])
    expect(() => withFrame("a call", (frame) => frame.bytes(bytes))).toThrow(`${bytes} bytes for a call`);
});
