import { describe, expect, test } from "vitest";
import { decodeModel, encodeModel } from "./codec.ts";
import { embedTerms, fitLsa } from "./lsa.ts";

const texts = [
  "newton newton hessian method",
  "hessian spectrum network",
  "network training batch size",
  "batch size gradient noise training",
  "diffusion score noise",
  "score matching diffusion diffusion model",
].map((text) => {
  const counts = new Map<string, number>();
  for (const term of text.split(" ")) counts.set(term, (counts.get(term) ?? 0) + 1);
  return [...counts].map(([term, count]) => ({ term, count }));
});

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);

test("texts are as near as in the full decomposition of their weighted counts", async () => {
  const model = await fitLsa(texts);
  // The same weights by hand: at full rank, cosines are those of the rows themselves.
  const terms = [...model.vocabulary.keys()];
  const N = texts.length;
  const rows = texts.map((text) => {
    const row = terms.map((term) => {
      const count = text.find((entry) => entry.term === term)?.count ?? 0;
      const df = texts.filter((other) => other.some((entry) => entry.term === term)).length;
      return count === 0 ? 0 : (1 + Math.log(count)) * (Math.log((1 + N) / (1 + df)) + 1);
    });
    const length = Math.hypot(...row);
    return row.map((value) => value / length);
  });

  expect(model.dimension).toBe(N);
  const vectors = texts.map((text) => embedTerms(model, text));
  for (let i = 0; i < N; i++)
    for (let j = 0; j < N; j++)
      expect(cosine(vectors[i] ?? [], vectors[j] ?? [])).toBeCloseTo(cosine(rows[i], rows[j]), 5);
});

describe("queries", () => {
  test("one of known terms folds in beside the texts of the same words", async () => {
    const model = await fitLsa(texts);
    const query = embedTerms(model, [{ term: "diffusion", count: 1 }]) ?? [];
    const likeness = texts.map((text) => cosine(query, embedTerms(model, text) ?? []));
    expect(Math.min(likeness[4], likeness[5])).toBeGreaterThan(Math.max(...likeness.slice(0, 4)));
  });

  test("one without a known term has no place", async () => {
    const model = await fitLsa(texts);
    expect(embedTerms(model, [{ term: "zebra", count: 1 }])).toBeUndefined();
    expect(embedTerms(model, [])).toBeUndefined();
  });
});

describe("a stored model", () => {
  test("comes back as it was", async () => {
    const model = await fitLsa(texts);
    const bytes = encodeModel(model);
    expect(decodeModel(bytes)).toEqual(model);
    // From the middle of a larger buffer, as drivers give it.
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect(decodeModel(larger.subarray(3))).toEqual(model);
  });

  test("that is cut or empty is refused", async () => {
    const bytes = encodeModel(await fitLsa(texts));
    expect(() => decodeModel(bytes.subarray(0, bytes.length - 4))).toThrow("bytes");
    expect(() => decodeModel(new Uint8Array(2))).toThrow("too few for its header");
  });
});
