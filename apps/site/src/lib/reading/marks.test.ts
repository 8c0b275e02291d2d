import { expect, test } from "vitest";
import { NO_MARKS, parseMarks, type SavedPaper, toggleRead, toggleSaved } from "./marks.ts";

const paper = (arxivId: string): SavedPaper => ({
  arxivId,
  title: `Paper ${arxivId}`,
  authors: "A, B",
  published: "Jun 16, 2025",
  savedAt: "2025-12-25T12:00:00.000Z",
});

test("a paper is saved once, as the first, and taken away by the same press", () => {
  const one = toggleSaved(NO_MARKS, paper("1"));
  const two = toggleSaved(one, paper("2"));
  expect(two.saved.map(({ arxivId }) => arxivId)).toEqual(["2", "1"]);
  expect(toggleSaved(two, { ...paper("1"), title: "as it is called now" })).toEqual(
    toggleSaved(NO_MARKS, paper("2")),
  );
});

test("a paper is read, and unread by the same press; what is saved stays", () => {
  const marks = toggleRead(toggleSaved(NO_MARKS, paper("1")), "1");
  expect(marks.read).toEqual(["1"]);
  expect(toggleRead(marks, "1")).toEqual(toggleSaved(NO_MARKS, paper("1")));
});

test("what is kept comes back, and what others wrote there does no harm", () => {
  const marks = toggleRead(toggleSaved(NO_MARKS, paper("1")), "2");
  expect(parseMarks(JSON.stringify(marks))).toEqual(marks);
  for (const text of [null, "", "{", "null", "3", "[]", '{"saved":3,"read":{}}'])
    expect(parseMarks(text), String(text)).toEqual(NO_MARKS);
  expect(parseMarks(JSON.stringify({ saved: [paper("1"), { arxivId: 3 }, null], read: ["1", 2] }))).toEqual({
    saved: [paper("1")],
    read: ["1"],
  });
});
