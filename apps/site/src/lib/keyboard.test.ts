import { expect, test } from "vitest";
import { entryAfter, keyAction, keys } from "./keyboard.ts";

const press = (key: string, held: object = {}) =>
  keyAction({ key, ctrlKey: false, metaKey: false, altKey: false, defaultPrevented: false, ...held });

test("the keys of the specification, each once", () => {
  expect(keys.map(({ key }) => key).sort()).toEqual([
    "/",
    "?",
    "[",
    "]",
    "j",
    "k",
    "m",
    "o",
    "r",
    "s",
    "t",
    "v",
  ]);
  expect(new Set(keys.map(({ action }) => action)).size).toBe(keys.length);
  expect(press("/")).toBe("search");
  expect(press("]")).toBe("next");
});

test("keys with Control, Alt or Meta are the browser's own, and so is what was handled", () => {
  for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { defaultPrevented: true }])
    for (const { key } of keys) expect(press(key, held)).toBeUndefined();
  for (const key of ["J", "x", "Enter", "Escape"]) expect(press(key)).toBeUndefined();
});

test("brackets that are typed with Alt Gr are brackets; letters are not", () => {
  const altGraph = { ctrlKey: true, altKey: true };
  expect(press("[", altGraph)).toBe("previous");
  expect(press("r", altGraph)).toBeUndefined();
});

test("from nowhere to the first, and no further than the ends", () => {
  expect(entryAfter(-1, "down", 3)).toBe(0);
  expect(entryAfter(-1, "up", 3)).toBe(0);
  expect(entryAfter(0, "down", 3)).toBe(1);
  expect(entryAfter(2, "down", 3)).toBe(2);
  expect(entryAfter(0, "up", 3)).toBe(0);
});
