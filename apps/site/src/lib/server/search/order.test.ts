import { expect, test } from "vitest";
import type { FoundPaper } from "./ranked-lists.ts";
import { type SearchOrder, sortFound } from "./search.ts";

/** Papers that differ only in their identifiers, stored in this order. */
const found = (...arxivIds: readonly string[]): FoundPaper[] =>
  arxivIds.map((arxivId, i) => ({
    id: i + 1,
    arxivId,
    hot: Number.NEGATIVE_INFINITY,
    publishedAt: 0,
    runs: false,
    passes: true,
    close: true,
  }));

test.each<[SearchOrder, readonly string[]]>([
  ["trending", ["1806.07572", "2412.08424", "math/0611800"]],
  ["new", ["math/0611800", "2412.08424", "1806.07572"]],
])("equal papers are %s in one order, in whatever order they were stored", (order, expected) => {
  const ids = (papers: readonly FoundPaper[]) => sortFound(papers, order).map(({ arxivId }) => arxivId);
  expect(ids(found("2412.08424", "math/0611800", "1806.07572"))).toEqual(expected);
  expect(ids(found("math/0611800", "1806.07572", "2412.08424"))).toEqual(expected);
});
