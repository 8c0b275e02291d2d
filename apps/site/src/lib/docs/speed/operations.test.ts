import { expect, test } from "vitest";
import { operations, prepare } from "./operations.ts";

test.each(operations)("$name: both ways give the same numbers", (operation) => {
  const prepared = prepare(operation);
  prepared.plain();
  prepared.compiled();
  const first = prepared.difference();
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(1e-11);
  // In place, and from the same numbers each time.
  prepared.plain();
  prepared.compiled();
  expect(prepared.difference()).toBe(first);
});
