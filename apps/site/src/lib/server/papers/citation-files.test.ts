import { plugins } from "@citation-js/core";
import "@citation-js/plugin-bibtex";
import { parse } from "@retorquere/bibtex-parser";
import { expect, test } from "vitest";
import { bibtex, type Citable, citationKey } from "./bibtex.ts";
import { cslJson, ris } from "./citation-files.ts";
import seed from "./seed/seed-papers.json" with { type: "json" };

const papers: readonly Citable[] = seed.map((paper) => ({
  ...paper,
  publishedAt: new Date(`${paper.publishedDate}T00:00:00Z`),
  primaryCategory: null,
}));
/** Authors who have no given name, or are many. */
const groups = ["Plato", "The ATLAS Collaboration", "R&D Team", "Smith and Sons"];

test("CSL-JSON says of every paper of the seed what another program makes of its BibTeX entry", () => {
  for (const paper of [...papers, { ...papers[0], authors: [...papers[0].authors, ...groups] }]) {
    const key = citationKey(paper);
    const [own] = JSON.parse(cslJson(paper, key));
    const [theirs] = plugins.input.chain(bibtex(paper, key), { generateGraph: false });
    expect(own.id).toBe(theirs["citation-key"]);
    expect(own.title).toBe(theirs.title);
    expect(own.DOI).toBe(theirs.DOI);
    expect(own.author.map(({ family = "", literal = "" }) => family || literal)).toEqual(
      // Particles are a part of the family name here.
      theirs.author?.map((name) =>
        [name["non-dropping-particle"] ?? name["dropping-particle"], name.family].filter(Boolean).join(" "),
      ),
    );
    expect(own.issued["date-parts"][0][0]).toBe(paper.publishedAt.getUTCFullYear());
  }
});

test("another program reads names that are not parted as one author each", () => {
  const { entries, errors } = parse(bibtex({ ...papers[0], authors: groups }));
  expect(errors).toEqual([]);
  expect(entries[0].fields.author?.map(({ name, lastName }) => name ?? lastName)).toEqual(groups);
});

test("RIS: one field a line, the type first, the end last, names family first", () => {
  const paper: Citable = {
    arxivId: "2412.08424",
    title: "On a\nlong title",
    authors: ["Laurens van der Maaten", "Plato"],
    publishedAt: new Date("2024-12-11T10:00:00Z"),
    primaryCategory: "cs.LG",
    journalRef: "J. 3 (2025)",
  };
  expect(ris(paper, "maaten2024long")).toBe(
    [
      "TY  - UNPB",
      "ID  - maaten2024long",
      "TI  - On a long title",
      "AU  - van der Maaten, Laurens",
      "AU  - Plato",
      "PY  - 2024",
      "DA  - 2024/12/11",
      "PB  - arXiv",
      "AN  - arXiv:2412.08424",
      "N1  - Published in J. 3 (2025)",
      "DO  - 10.48550/arXiv.2412.08424",
      "UR  - https://arxiv.org/abs/2412.08424",
      "ER  - ",
      "",
    ].join("\r\n"),
  );
});

test("where a paper was published is read without TeX in every format", () => {
  const paper = {
    arxivId: "2611.00001",
    title: "Steps",
    authors: ["Ada Lovelace"],
    publishedAt: new Date("2026-11-01T00:00:00Z"),
    primaryCategory: null,
    journalRef: "Ann. Inst. H. Poincar\\'e 5\\%, {\\bf 7} (2026)",
  };
  expect(bibtex(paper)).toContain("journal       = {Ann. Inst. H. Poincaré 5\\%, 7 (2026)}");
  for (const text of [ris(paper, "x"), cslJson(paper, "x")])
    expect(text).toContain("Published in Ann. Inst. H. Poincaré 5%, 7 (2026)");
});
