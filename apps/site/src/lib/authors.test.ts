import { expect, test } from "vitest";
import { authorPath, authorsLine } from "./authors.ts";

test.each([
  [["A"], "A"],
  [["A", "B", "C"], "A, B, C"],
  [["A", "B", "C", "D"], "A, B, C, D"],
  [["A", "B", "C", "D", "E"], "A, B, C and 2 more"],
  [Array.from({ length: 2903 }, () => "A"), "A, A, A and 2,900 more"],
  [[], ""],
])("%#: %s", (names, line) => {
  expect(authorsLine(names)).toBe(line);
});

test("names from right to left are isolated, and the names beside them keep their places", () => {
  const [hebrew, arabic] = ["\u05D3\u05E0\u05D4", "\u0644\u064A\u0644\u0649"];
  expect(authorsLine([hebrew, arabic, "Žižek"])).toBe(`\u2068${hebrew}\u2069, \u2068${arabic}\u2069, Žižek`);
});

test.each(["Ada Lovelace", "Jean-Luc O'Neill (Jr.)", "Łukasz + Žižek & Søn", 'A "B" C', "100% ~*!"])(
  "the address of the papers of %s searches for the name as a phrase",
  (name) => {
    const { pathname, searchParams } = new URL(authorPath(name), "https://site.example");
    expect(pathname).toBe("/papers");
    expect([...searchParams]).toEqual([["q", `"${name.replaceAll('"', "")}"`]]);
  },
);

test("half of a character in a name, which no address can have, does not fail", () => {
  expect(authorPath("A\uD835")).toBe("/papers?q=%22A%EF%BF%BD%22");
});
