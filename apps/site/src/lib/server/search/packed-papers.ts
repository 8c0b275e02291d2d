import type { FoundPaper } from "./ranked-lists.ts";

/**
 * Papers that a search found, in one array of numbers and one text: of a thousand searches that are kept they would be
 * half a million objects, each of which the garbage collector looks at.
 */
export interface PackedPapers {
  /** Four of each paper: its row, its score, its time in milliseconds, its flags. */
  readonly numbers: Float64Array;
  /** With spaces between them. */
  readonly arxivIds: string;
}

const NUMBERS = 4;
const RUNS = 1;
const PASSES = 2;
const CLOSE = 4;

/** Packs papers, in their order. */
export function packPapers(papers: readonly FoundPaper[]): PackedPapers {
  const numbers = new Float64Array(NUMBERS * papers.length);
  for (const [i, { id, hot, publishedAt, runs, passes, close }] of papers.entries()) {
    const flags = (runs ? RUNS : 0) | (passes ? PASSES : 0) | (close ? CLOSE : 0);
    numbers.set([id, hot, publishedAt, flags], NUMBERS * i);
  }
  return { numbers, arxivIds: papers.map(({ arxivId }) => arxivId).join(" ") };
}

/** The papers that were packed. */
export function unpackPapers({ numbers, arxivIds }: PackedPapers): FoundPaper[] {
  if (numbers.length === 0) return [];
  return arxivIds.split(" ").map((arxivId, i): FoundPaper => {
    const at = NUMBERS * i;
    const flags = numbers[at + 3];
    return {
      id: numbers[at],
      hot: numbers[at + 1],
      publishedAt: numbers[at + 2],
      arxivId,
      runs: (flags & RUNS) !== 0,
      passes: (flags & PASSES) !== 0,
      close: (flags & CLOSE) !== 0,
    };
  });
}
