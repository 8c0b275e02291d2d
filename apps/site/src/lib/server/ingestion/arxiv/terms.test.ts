import { expect, test } from "vitest";
import { inScope, isArxivCategory } from "./categories.ts";
import { saysWithdrawn } from "./withdrawn.ts";

test.each([
  "cs.LG",
  "stat.ML",
  "cond-mat.stat-mech",
  "cond-mat.dis-nn",
  "physics.comp-ph",
  "math-ph",
  "hep-th",
  "quant-ph",
  "alg-geom",
])("%s is a category of arXiv", (term) => expect(isArxivCategory(term)).toBe(true));

test.each([
  "68T05",
  "I.2.6",
  "62G05, 62H30",
  "cs.LGX",
  "cs.",
  "CS.LG",
  "machine learning",
  "cs.LG.ML",
  "toString",
  "",
])("%j is none", (term) => expect(isArxivCategory(term)).toBe(false));

test("a cross-list is enough to be in scope", () => {
  expect(inScope(["quant-ph", "cs.LG"])).toBe(true);
  expect(inScope(["quant-ph", "cs.CV"])).toBe(false);
  expect(inScope([])).toBe(false);
});

test.each([
  "This paper has been withdrawn by the author due to an error",
  "Withdrawn",
  "withdrawn: superseded by 2611.00001",
  "The article is withdrawn",
  "This submission has been withdrawn by arXiv administrators",
  "5 pages. This paper has been withdrawn by the authors.",
  "Paper temporarily withdrawn",
])("%j says withdrawn", (text) => {
  expect(saysWithdrawn(text, "")).toBe(true);
  expect(saysWithdrawn(null, text)).toBe(true);
});

test.each([
  "12 pages",
  "Withdrawn from a conference to extend it",
  "We study patients who were withdrawn from treatment",
  "Funds withdrawn early lose value",
  "The agent is withdrawn",
])("%j does not", (text) => expect(saysWithdrawn(text, text)).toBe(false));
