import { expect, test } from "vitest";
import {
  closingLine,
  filesToTryAgain,
  type Outcome,
  outcomeOf,
  passedLater,
  withSecondTry,
} from "./outcome.mjs";

/** A file as Vitest reports it: its tests by name, and whether it could be collected. */
const ran = (file: string, project: string, tests: Readonly<Record<string, string>>, state = "passed") => ({
  relativeModuleId: file,
  project: { name: project },
  children: {
    allTests: () =>
      Object.entries(tests).map(([fullName, state]) => ({ fullName, result: () => ({ state }) })),
  },
  state: () => (Object.values(tests).includes("failed") ? "failed" : state),
});

const good = ran("a.test.ts", "unit", { one: "passed", two: "skipped", three: "pending" });
const bad = ran("b.process.test.ts", "process", { one: "passed", two: "failed", three: "failed" });
const worse = ran("c.test.ts", "site", {}, "failed");

test("tests are counted, and a file that could not be collected is a failure", () => {
  expect(closingLine(outcomeOf([good, bad], []))).toBe("2 passed, 2 failed, 2 skipped");
  expect(closingLine(outcomeOf([good, worse], [new Error("outside")]))).toBe("1 passed, 2 failed, 2 skipped");
});

test("files of processes and of the site are tried again", () => {
  expect(filesToTryAgain(outcomeOf([good, bad, worse], []))).toEqual(["b.process.test.ts", "c.test.ts"]);
  expect(filesToTryAgain(outcomeOf([good], []))).toEqual([]);
});

test("nothing is tried again where the run has failed by more than chance", () => {
  const unit = ran("d.test.ts", "unit", { one: "failed" });
  expect(filesToTryAgain(outcomeOf([bad, unit], []))).toEqual([]);
  expect(filesToTryAgain(outcomeOf([bad], [new Error("outside")]))).toEqual([]);
  const many = Array.from({ length: 11 }, (_, i) => ran(`${i}.test.ts`, "site", { one: "failed" }));
  expect(filesToTryAgain(outcomeOf(many, []))).toEqual([]);
  expect(filesToTryAgain(outcomeOf(many.slice(1), []))).toHaveLength(10);
});

test("what passes at the second try counts as passed, and is named; what fails again does not", () => {
  const first: Outcome = outcomeOf([good, bad, worse], []);
  const mended = ran("b.process.test.ts", "process", { one: "passed", two: "passed", three: "passed" });
  const collected = ran("c.test.ts", "site", { one: "passed", two: "failed" });
  const second: Outcome = outcomeOf([mended, collected], []);
  expect(closingLine(withSecondTry(first, second))).toBe("5 passed, 1 failed, 2 skipped");
  expect(passedLater(first, second)).toEqual(["b.process.test.ts: two", "b.process.test.ts: three"]);
  const whole = outcomeOf([ran("c.test.ts", "site", { one: "passed" })], []);
  expect(passedLater(first, whole)).toEqual(["c.test.ts"]);
});
