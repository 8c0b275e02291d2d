import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ArxivQueryError, parseAtom } from "./atom.ts";
import { ArxivFormatError } from "./xml.ts";

const fixture = (name: string) => readFileSync(join(import.meta.dirname, "fixtures", name), "utf8");

/** A feed of one page with some entries. */
const feedOf = (entries: string, total = 1) =>
  `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><opensearch:totalResults>${total}</opensearch:totalResults>${entries}</feed>`;

test.each([
  ["line feeds", fixture("atom.xml")],
  ["carriage returns and line feeds", fixture("atom.xml").replaceAll("\n", "\r\n")],
  ["a byte order mark", `\uFEFF${fixture("atom.xml")}`],
])("entries of every awkward shape are read, with %s", (_, xml) => {
  const page = parseAtom(xml);
  expect(page).toMatchObject({ total: 14, entries: 8 });
  expect(page.unreadable).toEqual([
    "no identifier of a paper: http://arxiv.org/abs/not-an-id",
    "2611.00016 has no title",
    "2611.00017 has no date",
  ]);
  const [full, old, withdrawn, incomplete, decomposed] = page.records;
  expect(page.records).toHaveLength(5);
  expect(full).toEqual({
    arxivId: "2611.00011",
    version: 3,
    publishedAt: new Date("2026-10-29T17:59:59Z"),
    updatedAt: new Date("2026-11-01T03:10:00Z"),
    title: "Nesterov steps for Hölder-smooth losses & their cost in ℓ₁",
    abstract:
      'We study gradient steps on losses whose gradient is H\\"older continuous, at a cost of $O(\\epsilon^{-2})$ evaluations.\n\nA second paragraph says what was left out.',
    authors: [
      { name: "José Muñoz, Jr.", affiliation: "Université de Liège" },
      { name: "Anna Weyl", affiliation: null },
      { name: "the STEPS Collaboration", affiliation: null },
    ],
    primaryCategory: "math.OC",
    categories: ["math.OC", "cs.LG"],
    otherClasses: ["68T05, 90C25", "I.2.6; G.1.6"],
    comment: "12 pages, 3 figures; withdrawn from a workshop and sent to a journal",
    journalRef: "Journal of Steps 4 (2026) 1-12",
    doi: "10.1000/demo.11",
    license: null,
    abstractKind: "source",
    codeUrl: null,
    withdrawn: false,
    incomplete: false,
  });
  expect(old).toMatchObject({
    arxivId: "math/0611800",
    version: 1,
    title: "Bounds with a < b & c",
    abstract: "The text &lt;b&gt; is text, ε and ε are letters, a b has a no-break space.",
    categories: ["math.CA"],
    comment: null,
  });
  expect(withdrawn).toMatchObject({ version: 2, withdrawn: true });
  expect(incomplete).toMatchObject({ abstract: "", categories: [], primaryCategory: null, incomplete: true });
  expect(decomposed).toMatchObject({
    abstract: "Two lines of one paragraph.",
    authors: [{ name: "René Coté", affiliation: null }],
    categories: ["cs.LG"],
    withdrawn: true,
  });
});

test("an error that comes as an entry is an error", () => {
  expect(() => parseAtom(fixture("atom-error.xml"))).toThrow(ArxivQueryError);
  expect(() => parseAtom(fixture("atom-error.xml"))).toThrow("incorrect id format for 1234.12345x");
});

test.each([
  ["a DOCTYPE", `<!DOCTYPE feed [<!ENTITY a "b">]>${feedOf("")}`, "DOCTYPE"],
  ["a DOCTYPE behind a comment", `<!-- <feed> --><!DOCTYPE feed>${feedOf("")}`, "DOCTYPE"],
  ["a long DOCTYPE", `<!DOCTYPE feed [${'<!ENTITY a "b">'.repeat(500_000)}]>${feedOf("")}`, "DOCTYPE"],
  ["an unknown entity", feedOf("<entry><title>&nbsp;</title></entry>"), "undefined entity"],
  ["an unbound prefix", feedOf("<x:entry/>"), "unbound namespace prefix"],
  ["a page of HTML", "<html><body>Rate exceeded.</body></html>", "expected a feed"],
  ["text", "Rate exceeded.", "not well-formed"],
  ["nothing", "", "not well-formed|empty"],
  ["half a document", fixture("atom.xml").slice(0, 3000), "not well-formed"],
  ["deep nesting", feedOf("<a>".repeat(30) + "</a>".repeat(30)), "levels"],
  ["no total", '<feed xmlns="http://www.w3.org/2005/Atom"/>', "totalResults"],
])("%s is refused", (_, xml, message) => {
  expect(() => parseAtom(xml)).toThrow(ArxivFormatError);
  expect(() => parseAtom(xml)).toThrow(new RegExp(message));
});

test("a paper of 400 authors keeps all of them, in order", () => {
  const names = Array.from({ length: 400 }, (_, i) => `Author Number${i}`);
  const authors = names.map((name) => `<author><name>${name}</name></author>`).join("");
  const entry = `<entry><id>http://arxiv.org/abs/2611.00001v1</id><title>T</title><published>2026-11-01T00:00:00Z</published>${authors}</entry>`;
  const [record] = parseAtom(feedOf(entry)).records;
  expect(record.authors.map(({ name }) => name)).toEqual(names);
});

const escaped = (text: string) => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
const word = fc
  .stringMatching(/^[A-Za-z0-9&<>éß.()-]{1,12}$/)
  .filter((text) => !/--|^-|withdrawn/i.test(text));
const line = fc.array(word, { minLength: 1, maxLength: 12 });

test("what is written into a feed is read from it, however its lines are wrapped", () => {
  fc.assert(
    fc.property(
      fc.record({
        title: line,
        abstract: fc.array(line, { minLength: 1, maxLength: 3 }),
        // A name that is all points and hyphens stays one.
        authors: fc.array(line, { minLength: 1, maxLength: 5 }),
        version: fc.integer({ min: 1, max: 40 }),
        hours: fc.integer({ min: -12, max: 14 }),
        breaks: fc.constantFrom(" ", "\n", "\r\n"),
      }),
      ({ title, abstract, authors, version, hours, breaks }) => {
        const zone = `${hours < 0 ? "-" : "+"}${String(Math.abs(hours)).padStart(2, "0")}:00`;
        const wrapped = abstract.map((words) => escaped(words.join(breaks))).join("\n  ");
        const people = authors
          .map((name) => `<author><name>${escaped(name.join("  "))}</name></author>`)
          .join("");
        const entry = `<entry><id> http://arxiv.org/abs/2611.01234v${version} </id><title>${escaped(title.join(breaks))}</title>
          <updated>2026-11-01T12:00:00${zone}</updated><published>2026-10-01T00:00:00Z</published>
          <summary>  ${wrapped}\n</summary><category term="cs.LG"/><link href="a"/>${people}</entry>`;
        const [record] = parseAtom(feedOf(entry)).records;
        expect(record).toMatchObject({
          version,
          title: title.join(" "),
          abstract: abstract.map((words) => words.join(" ")).join("\n\n"),
          authors: authors.map((name) => ({ name: name.join(" ") })),
          updatedAt: new Date(Date.UTC(2026, 10, 1, 12 - hours)),
          incomplete: false,
        });
      },
    ),
    { seed: 21, numRuns: 300 },
  );
});

test("whatever arrives is read or refused by a typed error", () => {
  const page = fixture("atom.xml");
  fc.assert(
    fc.property(
      fc.nat(page.length - 1),
      fc.nat(40),
      fc.string({ maxLength: 20, unit: "binary" }),
      (at, cut, inserted) => {
        try {
          const { records, entries } = parseAtom(page.slice(0, at) + inserted + page.slice(at + cut));
          expect(records.length).toBeLessThanOrEqual(entries);
          for (const { title, arxivId } of records) {
            expect(title).not.toBe("");
            expect(arxivId).toMatch(/^(\d{4}\.\d{4,5}|[a-z]+(-[a-z]+)?\/\d{7})$/);
          }
        } catch (error) {
          expect(error instanceof ArxivFormatError || error instanceof ArxivQueryError).toBe(true);
        }
      },
    ),
    { seed: 22, numRuns: 500 },
  );
});
