import { expect, test } from "vitest";
import { importedWords } from "./imported-words.ts";

const none = { votes: 0, saved: 0, read: 0, followed: 0, known: 0, unknown: 0, refused: 0 };

test("counts what was added, what was there and what was left out", () => {
  expect(importedWords({ votes: 3, saved: 1, read: 40, followed: 1, known: 1, unknown: 2, refused: 1 })).toBe(
    "Imported 3 votes, 1 saved paper, 40 read marks and 1 followed search. 1 entry was already here. 2 papers in the file are not on this site. 1 search was left out: too long, or more than an account can follow.",
  );
  expect(importedWords({ ...none, votes: 1 })).toBe("Imported 1 vote.");
  expect(importedWords({ ...none, saved: 2, followed: 2 })).toBe(
    "Imported 2 saved papers and 2 followed searches.",
  );
});

test("says when nothing is new", () => {
  expect(importedWords({ ...none, known: 4 })).toBe("Nothing new was imported. 4 entries were already here.");
  expect(importedWords({ ...none, unknown: 1 })).toBe(
    "Nothing new was imported. 1 paper in the file is not on this site.",
  );
});
