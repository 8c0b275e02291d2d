import fc from "fast-check";
import { expect, test } from "vitest";
import { packPapers, unpackPapers } from "./packed-papers.ts";
import type { FoundPaper } from "./ranked-lists.ts";

const paper: fc.Arbitrary<FoundPaper> = fc.record({
  id: fc.maxSafeNat(),
  hot: fc.double({ noNaN: true }),
  publishedAt: fc.integer({ min: 0, max: 8.64e15 }),
  arxivId: fc.stringMatching(/^([a-z-]{2,9}\/)?\d{4}\.?\d{3,5}$/),
  runs: fc.boolean(),
  passes: fc.boolean(),
  close: fc.boolean(),
});

test("papers that are packed are the same when they are unpacked", () => {
  fc.assert(
    fc.property(fc.array(paper), (papers) => {
      expect(unpackPapers(packPapers(papers))).toEqual(papers);
    }),
  );
});
