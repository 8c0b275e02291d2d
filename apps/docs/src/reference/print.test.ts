import { expect, test } from "vitest";
import { type List, printPieces } from "./print.ts";

const list = (open: string, close: string, ...words: string[]): List => ({
  open,
  close,
  separator: ", ",
  items: words.map((text) => [{ text }]),
});

test("what fits stands on one line", () => {
  expect(printPieces([{ text: "f" }, list("(", ")", "a: A", "b: B"), { text: ": C" }])).toBe(
    "f(a: A, b: B): C",
  );
});

test("a list that does not fit has one item a line", () => {
  const long = "parameter: SomeQuiteLongTypeName";
  expect(printPieces([{ text: "f" }, list("(", ")", long, long, long), { text: ": C" }])).toBe(
    `f(\n  ${long},\n  ${long},\n  ${long},\n): C`,
  );
});

test("alternatives lead their lines", () => {
  const names = Array.from({ length: 8 }, (_, i) => `Alternative${i}`);
  const union: List = { ...list("", "", ...names), separator: " | ", leading: true };
  expect(printPieces([{ text: "type A = " }, union])).toBe(
    `type A = ${names.map((name) => `\n  | ${name}`).join("")}`,
  );
  expect(printPieces([{ text: "type A = " }, { ...union, items: union.items.slice(0, 2) }])).toBe(
    "type A = Alternative0 | Alternative1",
  );
});

test("types are kept together as long as what follows can be broken", () => {
  const parameters = list(
    "(",
    ")",
    "parameter: SomeQuiteLongTypeName",
    "another: SomeQuiteLongTypeName",
    "x: ALittleMore",
  );
  expect(printPieces([{ text: "f" }, list("<", ">", "T"), parameters])).toMatch(
    /^f&lt;T&gt;\(\n {2}parameter/,
  );
});

test("words are colored and linked, and never markup", () => {
  expect(printPieces([{ text: "A<B>", kind: "name", href: "/x?a&b" }])).toBe(
    '<a href="/x?a&amp;b"><span class="code-name">A&lt;B&gt;</span></a>',
  );
});
