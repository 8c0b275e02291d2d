import { parseCheckpoint } from "gradus/iterate";
import { expect, it } from "vitest";
import { json } from "./json.ts";

it("JSON keeps what is not finite, and leaves out what is not there", () => {
  const value = {
    ratio: Number.POSITIVE_INFINITY,
    rows: [1, Number.NaN, Number.NEGATIVE_INFINITY],
    none: null,
  };
  expect(parseCheckpoint(json({ ...value, absent: undefined }))).toEqual(value);
  expect(json({ x: 0.1, text: "Infinity" })).toBe('{\n  "x": 0.1,\n  "text": "Infinity"\n}\n');
});
