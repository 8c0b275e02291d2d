import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OaiError, parseOai } from "./oai.ts";
import { ArxivFormatError } from "./xml.ts";

const fixture = readFileSync(join(import.meta.dirname, "fixtures", "oai.xml"), "utf8");
const answerOf = (content: string) =>
  `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-02T05:00:04Z</responseDate>${content}</OAI-PMH>`;

test("records, deletions and the token of the next page are read", () => {
  const page = parseOai(fixture);
  expect(page.responseDate).toEqual(new Date("2026-11-02T05:00:04Z"));
  expect(page.resumptionToken).toBe("verb%3DListRecords%26skip%3D1300");
  expect(page.deleted).toEqual(["math/0611800"]);
  expect(page.unreadable).toEqual([
    "no identifier of a paper: oai:elsewhere.org:1",
    "2611.00020 has no metadata",
    "2611.00021 has no version",
  ]);
  expect(page.records).toEqual([
    {
      arxivId: "2611.00011",
      versions: [
        { version: 1, at: new Date("2026-10-29T17:59:59Z") },
        { version: 2, at: new Date("2026-10-30T08:00:00Z") },
        { version: 3, at: new Date("2026-11-01T03:10:00Z") },
      ],
      categories: ["math.OC", "cs.LG"],
      comment: "12 pages",
      journalRef: "Journal of Steps 4 (2026) 1-12",
      doi: "10.1000/demo.11",
      license: "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
      withdrawn: false,
    },
    {
      arxivId: "cs/0701001",
      versions: [{ version: 2, at: new Date("2026-11-01T00:00:00Z") }],
      categories: ["cs.LG"],
      comment: "This submission has been withdrawn by arXiv administrators",
      journalRef: null,
      doi: null,
      license: null,
      withdrawn: true,
    },
  ]);
});

test("nothing new is an empty page; other errors are errors", () => {
  expect(parseOai(answerOf('<error code="noRecordsMatch">none</error>'))).toMatchObject({
    records: [],
    deleted: [],
  });
  expect(() => parseOai(answerOf('<error code="badResumptionToken">expired</error>'))).toThrow(
    new OaiError("badResumptionToken", "expired"),
  );
});

test.each([
  ["another document", "<feed/>", "expected OAI-PMH"],
  ["no date", "<OAI-PMH><ListRecords/></OAI-PMH>", "responseDate"],
  ["no list", answerOf(""), "ListRecords"],
  ["a DOCTYPE", `<!DOCTYPE x>${answerOf("<ListRecords/>")}`, "DOCTYPE"],
])("%s is refused", (_, xml, message) => {
  expect(() => parseOai(xml)).toThrow(ArxivFormatError);
  expect(() => parseOai(xml)).toThrow(message);
});
