import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import type { Session } from "./runtime.ts";
import { sizedSession } from "./sized-session.ts";

/** A session that answers with its number, and says when it is released. */
const session = (number: number, released: number[]): Session => ({
  run: async () => [array(Float64Array.of(number), [1])],
  release: async () => void released.push(number),
});
const ofRows = (rows: number) => [array(new Float64Array(rows), [rows])];

test("inputs of other sizes get a session that is loaded once, when the first of them come", async () => {
  const released: number[] = [];
  let loads = 0;
  const sized = sizedSession(
    session(1, released),
    ([{ shape }]) => shape[0] === 8,
    async () => session(++loads + 1, released),
  );
  const answers = async (rows: readonly number[]) =>
    (await Promise.all(rows.map((n) => sized.run(ofRows(n))))).map(([value]) => toNumbers(value)[0]);
  expect(await answers([8, 8])).toStrictEqual([1, 1]);
  expect(loads).toBe(0);
  expect(await answers([3, 8, 5])).toStrictEqual([2, 1, 2]);
  expect(loads).toBe(1);
  await sized.release();
  expect(released).toStrictEqual([1, 2]);
});

test("a session for other sizes that cannot be loaded fails the runs that need it", async () => {
  const released: number[] = [];
  const sized = sizedSession(
    session(1, released),
    ([{ shape }]) => shape[0] === 8,
    () => Promise.reject(new Error("no memory")),
  );
  await expect(sized.run(ofRows(3))).rejects.toThrow("no memory");
  expect(toNumbers((await sized.run(ofRows(8)))[0])).toStrictEqual([1]);
  await sized.release();
  expect(released).toStrictEqual([1]);
});
