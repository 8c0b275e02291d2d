import { expect, test } from "vitest";
import { listsOf } from "./digest-rest.ts";

const all = { topics: [], keywords: [], minVotes: 0 };
const origin = "https://papers.example.org";

/** The paths and queries of the lists of an interval. */
const paths = (since: string, due: string, choices = {}) =>
  listsOf({ ...all, ...choices }, { since: new Date(since), due: new Date(due), origin }).map(({ url }) =>
    url.slice(origin.length),
  );

test.each([
  ["of a night", "2025-12-25T00:30:00Z", "2025-12-25T07:00:00Z", ["/papers/date/2025-12-25"]],
  [
    "of a day",
    "2025-12-24T07:00:00Z",
    "2025-12-25T07:00:00Z",
    ["/papers/date/2025-12-24", "/papers/date/2025-12-25"],
  ],
  [
    "of a week over the end of a year",
    "2025-12-29T07:00:00Z",
    "2026-01-05T07:00:00Z",
    ["/papers/week/2026-W01", "/papers/week/2026-W02"],
  ],
  ["of three weeks", "2025-12-04T07:00:00Z", "2025-12-25T07:00:00Z", ["/papers/month/2025-12"]],
  ["of half a year", "2025-06-25T07:00:00Z", "2025-12-25T07:00:00Z", ["/papers/trending"]],
])("the papers of an interval are on at most two lists: %s", (_, since, due, lists) => {
  expect(paths(since, due)).toEqual(lists);
});

test("lists are narrowed by what they know", () => {
  const night = ["2025-12-25T00:30:00Z", "2025-12-25T07:00:00Z"] as const;
  const list = "/papers/date/2025-12-25";
  const topics = ["deep-theory", "bilevel"];
  expect(paths(...night, { topics, minVotes: 3 })).toEqual([
    `${list}?topic=deep-theory&topic=bilevel&min_votes=3`,
  ]);
  // A list would lack papers that a keyword alone has found.
  expect(paths(...night, { topics, keywords: ["saddle"], minVotes: 3 })).toEqual([`${list}?min_votes=3`]);
  // A list takes no more.
  const many = Array.from({ length: 21 }, (_, i) => `topic-${i}`);
  expect(paths(...night, { topics: many })).toEqual([list]);
});
