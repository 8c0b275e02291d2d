import fc from "fast-check";
import { expect, test } from "vitest";
import { LONGEST_NAME, parseName } from "./display-name.ts";

test.each([
  ["  Ada   Lovelace ", "Ada Lovelace"],
  ["Lê Nguyên Hoang", "Lê Nguyên Hoang"],
  ["Ada\r\nBcc: eve", "Ada Bcc: eve"],
  ["\u202eadA", "adA"],
  ["\u200b \u00ad", null],
  ["", null],
  ["🦉".repeat(LONGEST_NAME), "🦉".repeat(LONGEST_NAME)],
  ["🦉".repeat(LONGEST_NAME + 1), undefined],
])("%j is %j", (typed, name) => expect(parseName(typed)).toBe(name));

test("a name that is stored is stored as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (typed) => {
      const name = parseName(typed);
      if (typeof name === "string") expect(parseName(name)).toBe(name);
    }),
    { seed: 21 },
  );
});
