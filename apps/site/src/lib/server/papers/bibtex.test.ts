import { describe, expect, test } from "vitest";
import { bibtex, type Citable, citationKey, escapeBibtex, splitName } from "./bibtex.ts";
import seed from "./seed/seed-papers.json" with { type: "json" };

const citable = (order: number): Citable => {
  const paper = seed.find((p) => p.order === order);
  if (!paper) throw new Error(`no seed paper ${order}`);
  return { ...paper, publishedAt: new Date(`${paper.publishedDate}T00:00:00Z`), primaryCategory: null };
};

test.each([
  ["Andrei Semenov", "Semenov", "Andrei"],
  ["Nicolas Le Roux", "Le Roux", "Nicolas"],
  ["Lê Nguyên Hoang", "Hoang", "Lê Nguyên"],
  ["Laurens van der Maaten", "van der Maaten", "Laurens"],
  ["George Em Karniadakis", "Karniadakis", "George Em"],
  ["Martin Luther King Jr.", "King Jr.", "Martin Luther"],
  ["Le Song", "Song", "Le"],
  ["Plato", "Plato", ""],
  ["The ATLAS Collaboration", "The ATLAS Collaboration", ""],
  ["Gemma Team", "Gemma Team", ""],
  ["Smith and Sons", "Smith and Sons", ""],
  ["Andy Groupman", "Groupman", "Andy"],
])("%s: family name %s", (name, family, given) => {
  expect(splitName(name)).toEqual({ family, given });
});

test("keys: family name, year, first telling word, in ASCII, unique over the seed", () => {
  expect(citationKey(citable(1))).toBe("semenov2025gradient");
  expect(citationKey(citable(2))).toBe("li2020powerful");
  expect(citationKey(citable(12))).toBe("tyurin2024logistic");
  expect(citationKey({ ...citable(1), authors: ["Søren Łukasz Müßig"] })).toBe("mussig2025gradient");
  const keys = seed.map((paper) => citationKey(citable(paper.order)));
  expect(new Set(keys).size).toBe(21);
  for (const key of keys) expect(key).toMatch(/^[a-z]+\d{4}[a-z0-9]{4,}$/);
});

describe("entries", () => {
  test("one author a name, particles with the family name", () => {
    expect(bibtex(citable(6))).toContain("and Le Roux, Nicolas}");
    expect(bibtex(citable(14))).toContain("and Hoang, Lê Nguyên and");
    for (const paper of seed) {
      const authors = /author\s+= \{(.*)\}/.exec(bibtex(citable(paper.order)))?.[1] ?? "";
      expect(authors.split(" and ")).toHaveLength(paper.authors.length);
    }
  });
  test("the whole of one", () => {
    expect(bibtex({ ...citable(12), primaryCategory: "cs.LG" })).toBe(`@misc{tyurin2024logistic,
  title         = {{From Logistic Regression to the Perceptron Algorithm: Exploring Gradient Descent with Large Step Sizes}},
  author        = {Tyurin, Alexander},
  year          = {2024},
  eprint        = {2412.08424},
  archivePrefix = {arXiv},
  primaryClass  = {cs.LG},
  doi           = {10.48550/arXiv.2412.08424},
  url           = {https://arxiv.org/abs/2412.08424}
}
`);
  });
  test("special characters are escaped, formulas kept, braces stay balanced", () => {
    expect(escapeBibtex("50% of A&B_c #1 $x_i^2$ {y} ~ ^ \\ 5$")).toBe(
      "50\\% of A\\&B\\_c \\#1 $x_i^2$ \\{y\\} \\textasciitilde{} \\textasciicircum{} \\textbackslash{} 5\\$",
    );
    for (const paper of seed) {
      const entry = bibtex(citable(paper.order)).replace(/\\[{}]/g, "");
      expect(entry.split("{").length).toBe(entry.split("}").length);
    }
  });
});
