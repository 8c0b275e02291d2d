import { decodeModel } from "./codec.ts";
import { embedTerms, type TermCount } from "./lsa.ts";
import type { PaperText } from "./paper-texts.ts";
import { termsOfVector } from "./terms.ts";

/** A vector, or undefined for a text of which a model knows nothing. */
export type Embedded = ArrayLike<number> | undefined;

/** A map of texts to vectors of length 1. */
export interface TextEmbedder {
  readonly dimension: number;
  embedPapers(papers: readonly PaperText[]): Promise<readonly Embedded[]>;
  embedQuery(text: string, terms: readonly TermCount[]): Promise<Embedded>;
}

/** The map of a fitted model's bytes. */
export function fittedEmbedder(state: Uint8Array): TextEmbedder {
  const model = decodeModel(state);
  return {
    dimension: model.dimension,
    embedPapers: async (papers) => papers.map(({ words }) => embedTerms(model, termsOfVector(words))),
    embedQuery: async (_text, terms) => embedTerms(model, terms),
  };
}
