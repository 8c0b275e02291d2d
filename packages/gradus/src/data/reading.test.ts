import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import type { ReadingOptions } from "./byte-source.ts";
import { parseCsv, readCsv } from "./csv.ts";
import { parseIdx, readIdx } from "./idx.ts";
import { parseLibsvm, readLibsvm } from "./libsvm.ts";

const MIB = 2 ** 20;
/** 2.5 MiB. */
const size = 2.5 * MIB;
const line = "12345,6789\n";
const csv = line.repeat(Math.ceil(size / line.length));
const rows = "1 3:12345 70:0.5\n".repeat(Math.ceil(size / 17));
const idx = new Uint8Array(8 + size);
idx.set([0, 0, 8, 1]);
new DataView(idx.buffer).setUint32(4, size);
for (let k = 8; k < idx.length; k++) idx[k] = (7 * k) % 251;

type Reader = (
  source: Iterable<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer>,
  options?: ReadingOptions,
) => Promise<unknown>;
const readers: Readonly<Record<string, readonly [Reader, Uint8Array<ArrayBuffer>, () => unknown]>> = {
  readCsv: [
    (source, options) => readCsv(source, { header: false, ...options }),
    new TextEncoder().encode(csv),
    () => parseCsv(csv, { header: false }),
  ],
  readLibsvm: [readLibsvm, new TextEncoder().encode(rows), () => parseLibsvm(rows)],
  readIdx: [readIdx, idx, () => parseIdx(idx)],
};

describe.each(Object.entries(readers))("%s", (_, [read, bytes, parse]) => {
  test("reads one long piece as it parses it, and tells how far it is", async () => {
    const seen: number[] = [];
    expect(await read(bytes, { onProgress: (at) => seen.push(at) })).toEqual(parse());
    expect(seen).toEqual([MIB, 2 * MIB, bytes.length]);
  });

  test("names a source that is no bytes: a path, a promise, a stream of text, nothing", async () => {
    for (const [source, got] of [
      ["rows.csv", 'the source must be bytes, such as .*, got "rows.csv"'],
      [Promise.resolve(bytes), "the source must be bytes, such as .*, got an object of class Promise"],
      [null, "the source must be bytes, such as .*, got null"],
      [["1,2\n"], 'each chunk of the source must be bytes, such as .*, got "1,2\\\\n"'],
      [[3], "each chunk of the source must be bytes, such as .*, got 3"],
    ] as const) {
      // @ts-expect-error what programs without types pass
      const reading = read(source);
      await expect(reading).rejects.toThrow(ArgumentError);
      await expect(reading).rejects.toThrow(new RegExp(got));
    }
  });

  test("tells the bytes of the source, not those that they are decompressed to", async () => {
    const compressed = Uint8Array.from(gzipSync(bytes));
    const parts = [compressed.subarray(0, 1), compressed.subarray(1, 500), compressed.subarray(500)];
    const seen: number[] = [];
    expect(await read(parts, { onProgress: (at) => seen.push(at) })).toEqual(parse());
    expect(seen).toEqual([1, 500, compressed.length]);
  });

  test("ends at whatever piece its signal is aborted, and closes the source", async () => {
    const before = read(bytes, { signal: AbortSignal.abort(new Error("before")) });
    await expect(before).rejects.toThrow("before");
    for (const form of [bytes, Uint8Array.from(gzipSync(bytes))])
      for (let last = 1; last <= 4; last++) {
        const controller = new AbortController();
        let calls = 0;
        let closed = false;
        const quarter = Math.ceil(form.length / 4);
        async function* source(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
          try {
            for (let k = 0; k < 4; k++) yield form.subarray(k * quarter, (k + 1) * quarter);
          } finally {
            closed = true;
          }
        }
        const reading = read(source() as never, {
          signal: controller.signal,
          onProgress: () => {
            calls += 1;
            if (calls === last) controller.abort(new Error("enough"));
          },
        });
        await expect(reading).rejects.toThrow("enough");
        expect(calls).toBe(last);
        expect(closed).toBe(true);
      }
  });

  test("passes on what its callback throws, and refuses what is no callback", async () => {
    const failing = read(bytes, {
      onProgress: () => {
        throw new RangeError("mine");
      },
    });
    await expect(failing).rejects.toThrow(new RangeError("mine"));
    const wrong = read(bytes, { onProgress: 3 as never });
    await expect(wrong).rejects.toThrow(ArgumentError);
    await expect(wrong).rejects.toThrow("onProgress must be a function, got 3");
  });
});
