import { describe, expect, test } from "vitest";
import {
  changedParameters,
  type Field,
  FieldError,
  fieldProblem,
  fieldText,
  nodeCommand,
  parseField,
  seedProblem,
  validChanges,
} from "./fields.ts";

const field = (kind: Field["kind"], value: Field["values"]["quick"]): Field => ({
  name: "f",
  label: "F",
  kind,
  values: { quick: value, full: value },
});

describe("a field's text", () => {
  test.each<[Field["kind"], string, Field["values"]["quick"]]>([
    ["number", " 0.5 ", 0.5],
    ["number", "1e6", 1e6],
    ["number", "−2", -2],
    ["integer", "30", 30],
    ["switch", "true", true],
    ["switch", "false", false],
    ["choice", "weights", "weights"],
    ["integer", " 1,000,000 ", 1e6],
    ["number", "−1,234.5", -1234.5],
    ["choice", "15", 15],
    ["numbers", "1, 10, 1e2", [1, 10, 100]],
    ["numbers", "1 10;100", [1, 10, 100]],
    ["numbers", "", []],
    ["words", "3v8, 1v8", ["3v8", "1v8"]],
  ])("%s %j is %j", (kind, text, value) => {
    expect(parseField(field(kind, value), text)).toEqual(value);
  });
  test.each<[Field["kind"], string]>([
    ["number", ""],
    ["number", "ten"],
    ["number", "0,5"],
    ["integer", "1,00"],
    ["integer", "Infinity"],
    ["numbers", "1, two"],
  ])("%s refuses %j", (kind, text) => {
    expect(() => parseField(field(kind, 1), text)).toThrow(FieldError);
  });
  test("a value written out reads back the same", () => {
    for (const [kind, value] of [
      ["number", 1e-7],
      ["integer", 1000],
      ["switch", false],
      ["numbers", [1, 1e6, 0.05]],
      ["words", ["a", "b"]],
    ] as const)
      expect(parseField(field(kind, value), fieldText(value))).toEqual(value);
  });
});

describe("changed parameters", () => {
  const fields: Field[] = [
    { ...field("numbers", [1, 10]), name: "steps", values: { quick: [1, 10], full: [1, 10, 100] } },
    { ...field("integer", 4000), name: "limit" },
  ];
  const texts = { steps: "1, 10", limit: "4000" };
  test("nothing that was not changed is set", () => {
    expect(changedParameters(fields, texts, "quick")).toEqual({});
    expect(changedParameters(fields, { ...texts, steps: "1,10", limit: "4e3" }, "quick")).toEqual({});
  });
  test("what was changed is set, against the profile in use", () => {
    expect(changedParameters(fields, { ...texts, limit: "50" }, "quick")).toEqual({ limit: 50 });
    expect(changedParameters(fields, texts, "full")).toEqual({ steps: [1, 10] });
  });
});

test.each<[Partial<Field>, string, string | undefined]>([
  [{ kind: "number", minimum: 0, maximum: 1 }, "0.5", undefined],
  [{ kind: "number", minimum: 0, maximum: 1 }, "-0.5", "-0.5 is less than 0"],
  [{ kind: "number", minimum: 0, maximum: 1 }, "2", "2 is more than 1"],
  [{ kind: "integer", maximum: 1e6 }, "2000000", "2000000 is more than 1,000,000"],
  [{ kind: "number", minimum: 1e-6 }, "0", "0 is less than 1e-6"],
  [{ kind: "number" }, "much", '"much" is not a number'],
  [{ kind: "integer", minimum: 1 }, "1.5", "1.5 is not an integer"],
  [{ kind: "words", options: ["sgd", "adam"] }, "adam, sgd", undefined],
  [{ kind: "words", options: ["sgd", "adam"] }, "adam, lion", '"lion" is not one of sgd, adam'],
  [{ kind: "numbers" }, "1, x", '"x" is not a number'],
  [{ kind: "choice", values: { quick: "sgd", full: "sgd" }, options: ["sgd", "adam"] }, "adam", undefined],
  [
    { kind: "choice", values: { quick: "sgd", full: "sgd" }, options: ["sgd", "adam"] },
    "lion",
    '"lion" is not one of sgd, adam',
  ],
  [{ kind: "choice", values: { quick: 10, full: 10 }, options: ["10", "20"] }, "20", undefined],
])("what is wrong with %j holding %j is %j", (field, text, problem) => {
  const whole: Field = { name: "a", label: "a", kind: "number", values: { quick: 1, full: 1 }, ...field };
  expect(fieldProblem(whole, text)).toBe(problem);
});

test.each(["-1", "1.5", "", "one", "99999999999999999999"])("%j is no seed", (text) => {
  expect(seedProblem(text)).toMatch(/must be/);
});

test("a seed that is too large is told how large one may be", () => {
  expect(seedProblem("9007199254740992")).toBe("the seed must be at most 9007199254740991");
  expect(seedProblem("9007199254740991")).toBeUndefined();
});

test("of what was changed only values count", () => {
  const steps = { ...field("integer", 10), name: "steps", minimum: 1 };
  const rate = { ...field("number", 0.5), name: "rate" };
  expect(validChanges([steps, rate], { steps: "0", rate: "2" }, "quick")).toEqual({ rate: 2 });
  expect(validChanges([steps, rate], { steps: "many", rate: "0.5" }, "quick")).toEqual({});
});

test.each(["0", "1", " 42 "])("%j is a seed", (text) => {
  expect(seedProblem(text)).toBeUndefined();
});

describe("the command for what a page cannot run", () => {
  const images: Field = { ...field("switch", false), name: "images", dataDirectory: true };
  const rows: Field = {
    ...field("integer", 0),
    name: "rows",
    values: { quick: 0, full: 500 },
    dataDirectory: true,
  };
  test("names the full profile, and the seed when it is not the paper's", () => {
    expect(nodeCommand("walks", "walk", { seed: "1" })).toBe("npx gradus run walks/walk --profile full");
    expect(nodeCommand("walks", "walk", { seed: " 7 " })).toBe(
      "npx gradus run walks/walk --profile full --seed 7",
    );
  });
  test("sets what asks for files", () => {
    expect(nodeCommand("walks", "walk", { seed: "1", files: [images, rows] })).toBe(
      "npx gradus run walks/walk --set images=true --set rows=500",
    );
  });
  test("sets what was changed, as one word of a shell each", () => {
    const changed = { steps: [1, 10], rate: 0.5, data: "digits 1v8", name: "it's; rm -rf ~" };
    expect(nodeCommand("walks", "walk", { seed: "1", changed })).toBe(
      "npx gradus run walks/walk --profile full --set steps=1,10 --set rate=0.5 --set 'data=digits 1v8' " +
        "--set 'name=it'\\''s; rm -rf ~'",
    );
  });
  test("never carries a seed that is none, which a link may hold", () => {
    for (const seed of ["1; curl x | sh", "$(id)", "", "9007199254740992"])
      expect(nodeCommand("walks", "walk", { seed })).toBe("npx gradus run walks/walk --profile full");
  });
});
