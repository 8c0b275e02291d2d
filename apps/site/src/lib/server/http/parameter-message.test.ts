import { expect, test } from "vitest";
import { withReceivedValue } from "./parameter-message.ts";

test("a message tells what was wanted and what was given, whole where it is short", () => {
  expect(withReceivedValue("“p” must be a number.", "x")).toBe("“p” must be a number, got “x”.");
  expect(withReceivedValue("“p” must be a number.", "")).toBe("“p” must be a number, got “”.");
  expect(withReceivedValue("“p” must be a number.", undefined)).toBe("“p” must be a number.");
  expect(withReceivedValue("“p” must be a number.", "🦉".repeat(40))).toBe(
    `“p” must be a number, got “${"🦉".repeat(40)}”.`,
  );
  expect(withReceivedValue("“p” must be a number.", "🦉".repeat(41))).toBe(
    `“p” must be a number, got “${"🦉".repeat(40)}…”.`,
  );
});

test("what cannot stand in a line or in UTF-8 does not", () => {
  expect(withReceivedValue("“p” must be a number.", "a\r\nb\0\ud800")).toBe(
    "“p” must be a number, got “a  b �”.",
  );
});
