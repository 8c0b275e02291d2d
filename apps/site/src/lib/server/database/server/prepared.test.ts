import { expect, test } from "vitest";
import { frequentStatements } from "./prepared.ts";

test("a statement is frequent from the tenth time on", () => {
  const isFrequent = frequentStatements();
  expect(Array.from({ length: 12 }, () => isFrequent("select 1")).indexOf(true)).toBe(9);
  expect(isFrequent("select 2")).toBe(false);
});

test("of those that came long ago the count begins anew, and long ones are never frequent", () => {
  const isFrequent = frequentStatements();
  for (let i = 0; i < 9; i++) isFrequent("select 1");
  for (let i = 0; i < 1000; i++) isFrequent(`select ${i} as once`);
  expect(isFrequent("select 1")).toBe(false);
  const long = `select '${"x".repeat(30_000)}'`;
  expect(Array.from({ length: 20 }, () => isFrequent(long))).not.toContain(true);
});

test("no more than two hundred are", () => {
  const isFrequent = frequentStatements();
  const frequent = Array.from({ length: 300 }, (_, n) => {
    const times = Array.from({ length: 20 }, () => isFrequent(`select ${n}`));
    return times.at(-1);
  });
  expect(frequent.filter(Boolean)).toHaveLength(200);
});
