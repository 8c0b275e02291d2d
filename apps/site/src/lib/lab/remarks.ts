import type { RunnableView } from "#lib/views.ts";

/** The claims that a paragraph names, in its order. */
const claimsIn = (paragraph: string) => [...paragraph.matchAll(/\bC\d+\b/g)].map(([id]) => id);

/**
 * The anchors of a paper's remarks, by remark and paragraph: the first paragraph that names a claim is the one on it. One
 * paragraph has one anchor, of the first claim that it is the first to name.
 */
export function remarkAnchors(paper: Pick<RunnableView, "remarks"> | undefined): (string | undefined)[][] {
  const named = new Set<string>();
  return (paper?.remarks ?? []).map(({ text }) =>
    text.map((paragraph) => {
      const fresh = claimsIn(paragraph).find((id) => !named.has(id));
      for (const id of claimsIn(paragraph)) named.add(id);
      return fresh && `about-${fresh}`;
    }),
  );
}

/** Where the remarks on a claim begin; undefined where no paragraph names it. */
export function remarkOn(claim: string, paper: Pick<RunnableView, "remarks">): string | undefined {
  const anchors = remarkAnchors(paper);
  for (const [i, { text }] of paper.remarks.entries())
    for (const [k, paragraph] of text.entries())
      if (claimsIn(paragraph).includes(claim)) return anchors[i][k];
  return undefined;
}
