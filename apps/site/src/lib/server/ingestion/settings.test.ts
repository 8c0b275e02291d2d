import { expect, test } from "vitest";
import { version } from "../../../../package.json" with { type: "json" };
import { arxivSettings, dailyListSettings, importsDailyLists, ingests } from "./settings.ts";

test.each([
  [{}, false],
  [{ GRADUS_INGEST: "" }, false],
  [{ GRADUS_INGEST: "0" }, false],
  [{ GRADUS_INGEST: "1" }, true],
])("%j: %s", (environment, expected) => expect(ingests(environment)).toBe(expected));

test("anything else is refused", () => {
  expect(() => ingests({ GRADUS_INGEST: "yes" })).toThrow(
    'GRADUS_INGEST must be 1 (on) or 0 (off), got "yes"',
  );
});

test("daily lists of Hugging Face are imported only where that is set, from there or from a mirror", () => {
  expect(importsDailyLists({})).toBe(false);
  expect(importsDailyLists({ GRADUS_INGEST: "1" })).toBe(false);
  expect(importsDailyLists({ GRADUS_HUGGING_FACE: "1" })).toBe(true);
  expect(() => importsDailyLists({ GRADUS_HUGGING_FACE: "yes" })).toThrow(
    'GRADUS_HUGGING_FACE must be 1 (on) or 0 (off), got "yes"',
  );
  expect(dailyListSettings({})).toEqual({
    url: new URL("https://huggingface.co/api/daily_papers"),
    userAgent: `gradus/${version}`,
  });
  expect(() => dailyListSettings({ GRADUS_HUGGING_FACE_URL: "file:///etc/passwd" })).toThrow(
    "GRADUS_HUGGING_FACE_URL must be an http or https URL",
  );
});

test("the site says who asks, as far as it knows", () => {
  expect(arxivSettings({})).toEqual({
    queryUrl: new URL("https://export.arxiv.org/api/query"),
    oaiUrl: new URL("https://oaipmh.arxiv.org/oai"),
    userAgent: `gradus/${version}`,
  });
  const environment = {
    ORIGIN: "https://papers.example.org",
    GRADUS_CONTACT: "operator@papers.example.org",
    GRADUS_ARXIV_URL: "http://127.0.0.1:8080/query",
  };
  expect(arxivSettings(environment)).toMatchObject({
    queryUrl: new URL("http://127.0.0.1:8080/query"),
    userAgent: `gradus/${version} (+https://papers.example.org; mailto:operator@papers.example.org)`,
  });
});

test.each([
  ["GRADUS_ARXIV_URL", "ftp://arxiv.org"],
  ["GRADUS_ARXIV_URL", "https://user:word@arxiv.org/"],
  ["GRADUS_OAI_URL", "arxiv.org/oai"],
  ["GRADUS_OAI_URL", "https://arxiv.org/oai?verb=Identify"],
  ["GRADUS_CONTACT", "nobody"],
  ["GRADUS_CONTACT", "a@b\r\nX-Evil: 1"],
])("%s=%j is refused by name", (name, value) => {
  expect(() => arxivSettings({ [name]: value })).toThrow(name);
});
