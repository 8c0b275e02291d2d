import { expect, test } from "vitest";
import type { Orm } from "./connect.ts";
import { retriedTransaction } from "./retried.ts";

/** A database whose transactions only run their work. */
const orm = { transaction: (work: (transaction: Orm) => unknown) => work(orm) } as unknown as Orm;
/** What the query builder throws of a statement that fails. */
const failed = (code: string) => new Error("Failed query", { cause: Object.assign(new Error(), { code }) });

function failing(times: number, code: string) {
  let left = times;
  let begun = 0;
  const work = async () => {
    begun++;
    if (left-- > 0) throw failed(code);
    return "done";
  };
  return { work, begun: () => begun };
}

test.each(["23505", "40P01"])("begins anew after %s, for a while", async (code) => {
  const twice = failing(2, code);
  expect(await retriedTransaction(orm, twice.work)).toBe("done");
  expect(twice.begun()).toBe(3);
  const always = failing(Number.POSITIVE_INFINITY, code);
  await expect(retriedTransaction(orm, always.work)).rejects.toMatchObject({ cause: { code } });
  expect(always.begun()).toBe(5);
});

test.each(["23503", "23514", "ECONNRESET"])("does not after %s", async (code) => {
  const once = failing(1, code);
  await expect(retriedTransaction(orm, once.work)).rejects.toMatchObject({ cause: { code } });
  expect(once.begun()).toBe(1);
});
