import { expect, test } from "vitest";
import { parseArxivId } from "./arxiv-id.ts";

test.each([
  ["2412.08424", "2412.08424", undefined],
  ["2412.08424v2", "2412.08424", 2],
  ["arXiv:1806.07572v4", "1806.07572", 4],
  ["0704.0001", "0704.0001", undefined],
  ["1412.9999", "1412.9999", undefined],
  ["1501.00001", "1501.00001", undefined],
  ["math/0611800", "math/0611800", undefined],
  ["math.CA/0611800v2", "math/0611800", 2],
  ["MATH/0611800", "math/0611800", undefined],
  ["cond-mat/9901001", "cond-mat/9901001", undefined],
])("%s is %s", (text, id, version) => {
  expect(parseArxivId(text)).toEqual({ id, version });
});

test.each([
  "",
  "2412.8424",
  "1412.00001",
  "2413.08424",
  "2400.08424",
  "0703.0001",
  "2412.08424v0",
  "2412.08424v01",
  "2412.08424v",
  "2412.084244",
  "math/061180",
  "math/0613800",
  "math//0611800",
  "../0611800",
  "2412.08424/x",
  "2412.08424 ",
  "２４12.08424",
  "9".repeat(100),
])("refuses %j", (text) => {
  expect(parseArxivId(text)).toBeUndefined();
});
