import { type CsrMatrix, randomizedSvd } from "gradus/linalg";

/** A word of a text, and how often it occurs there. */
export interface TermCount {
  readonly term: string;
  readonly count: number;
}

/** A fitted map of texts to vectors. */
export interface LsaModel {
  /** Papers that it was fitted to. */
  readonly documents: number;
  readonly dimension: number;
  /** The index of each known term. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** In how many papers each term occurs. */
  readonly frequencies: Uint32Array;
  /** Right singular vectors, a row a term: terms x dimension. */
  readonly vectors: Float32Array;
}

/** Terms beyond this many, the rarest, are left out. */
const LARGEST_VOCABULARY = 20_000;
const LARGEST_DIMENSION = 256;

/** The weight of a term in a text: `(1 + ln tf) (ln((1 + N) / (1 + df)) + 1)`. */
function weight(count: number, frequency: number, documents: number): number {
  return (1 + Math.log(count)) * (Math.log((1 + documents) / (1 + frequency)) + 1);
}

/** The known terms of a text, ascending, with their weights scaled to length 1; none when it has no known term. */
function weighted(
  terms: readonly TermCount[],
  { vocabulary, frequencies, documents }: Pick<LsaModel, "vocabulary" | "frequencies" | "documents">,
): { index: number; value: number }[] {
  const entries = terms
    .map(({ term, count }) => ({ index: vocabulary.get(term) ?? -1, count }))
    .filter(({ index, count }) => index >= 0 && count >= 1)
    .sort((a, b) => a.index - b.index)
    .map(({ index, count }) => ({ index, value: weight(count, frequencies[index], documents) }));
  const length = Math.hypot(...entries.map(({ value }) => value));
  return entries.map(({ index, value }) => ({ index, value: value / length }));
}

/** The vocabulary of some texts: terms of more than one text (of any, in a small collection), the commonest first. */
function vocabularyOf(texts: readonly (readonly TermCount[])[]): [string, number][] {
  const frequency = new Map<string, number>();
  for (const terms of texts)
    for (const { term } of terms) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const least = texts.length > 1000 ? 2 : 1;
  return [...frequency]
    .filter(([, count]) => count >= least)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, LARGEST_VOCABULARY);
}

/**
 * Latent semantic analysis: the rows of A are texts, their entries the weights of their terms, each row of length 1;
 * with the truncated decomposition A = U S V^T a text a is at V^T a, and so is a query. Distances are cosines.
 *
 * @throws ArgumentError when no text has a term
 * @throws the signal's reason on abort
 *
 * Source: Deerwester, Dumais, Furnas, Landauer & Harshman 1990, "Indexing by latent semantic analysis".
 */
export async function fitLsa(
  texts: readonly (readonly TermCount[])[],
  { seed = 1, signal }: { readonly seed?: number; readonly signal?: AbortSignal } = {},
): Promise<LsaModel> {
  const entries = vocabularyOf(texts);
  const vocabulary = new Map(entries.map(([term], i) => [term, i]));
  const frequencies = Uint32Array.from(entries, ([, count]) => count);
  const documents = texts.length;
  const rows = texts.map((terms) => weighted(terms, { vocabulary, frequencies, documents }));
  const size = rows.reduce((sum, row) => sum + row.length, 0);
  const A: CsrMatrix = {
    rows: documents,
    columns: vocabulary.size,
    rowPointers: new Int32Array(documents + 1),
    columnIndices: new Int32Array(size),
    values: new Float64Array(size),
  };
  let at = 0;
  for (const [i, row] of rows.entries()) {
    for (const { index, value } of row) {
      A.columnIndices[at] = index;
      A.values[at++] = value;
    }
    A.rowPointers[i + 1] = at;
  }
  const rank = Math.min(LARGEST_DIMENSION, A.rows, A.columns);
  const { V, s } = await randomizedSvd(A, { rank, powerIterations: 2, seed, signal });
  return {
    documents,
    dimension: s.length,
    vocabulary,
    frequencies,
    vectors: Float32Array.from(V.values),
  };
}

/** Where a text is among the papers, of length 1; undefined when the model knows none of its terms. */
export function embedTerms(model: LsaModel, terms: readonly TermCount[]): Float32Array | undefined {
  const { dimension, vectors } = model;
  const vector = new Float32Array(dimension);
  for (const { index, value } of weighted(terms, model))
    for (let k = 0; k < dimension; k++) vector[k] += value * vectors[index * dimension + k];
  const length = Math.hypot(...vector);
  if (!(length > 1e-6)) return undefined;
  for (let k = 0; k < dimension; k++) vector[k] /= length;
  return vector;
}
