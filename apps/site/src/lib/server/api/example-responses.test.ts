import { expect, test } from "vitest";
import { shortenBody, shortenValue } from "./example-responses.ts";

test("of a list of objects the first is left, of a list of words three, and it is told how many went", () => {
  expect(shortenValue({ papers: [{ id: "a" }, { id: "b" }, { id: "c" }], next: null })).toEqual({
    papers: [{ id: "a" }, "… 2 more"],
    next: null,
  });
  expect(shortenValue(["a", "b", "c", "d"])).toEqual(["a", "b", "c", "… 1 more"]);
  expect(shortenValue([[], ["a"], 1, true])).toEqual([[], "… 3 more"]);
});

test("a long text is cut between characters", () => {
  expect(shortenValue("🦉".repeat(97))).toBe(`${"🦉".repeat(96)}…`);
  expect(shortenValue("🦉".repeat(96))).toBe("🦉".repeat(96));
});

test("JSON is set in lines, and of other texts the first lines are left", () => {
  expect(shortenBody('{"a":[1,2]}', "application/json")).toBe('{\n  "a": [\n    1,\n    2\n  ]\n}');
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  expect(shortenBody(lines.join("\n"), "text/markdown; charset=utf-8")).toBe(
    [...lines.slice(0, 16), "…"].join("\n"),
  );
});
