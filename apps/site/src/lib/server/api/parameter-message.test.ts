import { expect, test } from "vitest";
import { withReceivedValue } from "./parameter-message.ts";

test("a message tells what was wanted and what was given, whole where it is short", () => {
  expect(withReceivedValue("“p” is a number.", "x")).toBe("“p” is a number, not “x”.");
  expect(withReceivedValue("“p” is a number.", "")).toBe("“p” is a number, not “”.");
  expect(withReceivedValue("“p” is a number.", undefined)).toBe("“p” is a number.");
  expect(withReceivedValue("“p” is a number.", "🦉".repeat(40))).toBe(
    `“p” is a number, not “${"🦉".repeat(40)}”.`,
  );
  expect(withReceivedValue("“p” is a number.", "🦉".repeat(41))).toBe(
    `“p” is a number, not “${"🦉".repeat(40)}…”.`,
  );
});

test("what cannot stand in a line or in UTF-8 does not", () => {
  expect(withReceivedValue("“p” is a number.", "a\r\nb\0\ud800")).toBe("“p” is a number, not “a  b �”.");
});
