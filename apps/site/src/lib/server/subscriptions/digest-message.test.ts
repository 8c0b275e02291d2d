import { expect, test } from "vitest";
import { mailButton, mailHtml } from "../mail/html.ts";
import { type Digest, digestMessage } from "./digest-message.ts";

const paper = (title: string) => ({
  ...{ arxivId: "2412.08424", title, authors: "A. Ørsted", excerpt: "An abstract.", marks: "2 votes" },
  findings: [],
});

const digest = (...titles: readonly string[]): Digest => ({
  ...{ recipient: "ada@example.org", origin: "https://papers.example.org", token: "v1.a.b", operator: "Ada" },
  choices: {
    ...{ topics: [], keywords: [], minVotes: 0, maxItems: 20 },
    ...{ cadence: "daily", weekday: null, hour: 7, tz: "Europe/Berlin" },
  },
  ...{
    since: new Date("2025-12-24T06:00:00Z"),
    due: new Date("2025-12-25T06:00:00Z"),
    period: "2025-12-25",
    matched: titles.length,
    papers: titles.map(paper),
    labels: new Map(),
  },
  ...{ returnPath: "bounce+1@papers.example.org", messageId: "<2025-12-25.0b5d@papers.example.org>" },
});

/** The declarations of all styles of some HTML. */
const declarations = (html: string) =>
  [...html.matchAll(/ style="([^"]*)"/g)].flatMap(([, style]) => style.split(";"));

test("lists of messages show the next titles after the subject, which has the first", () => {
  const { subject, html = "", text } = digestMessage(digest("One", "Two & <2>", "Three", "Four", "Five"));
  expect(subject).toBe("One and 4 more");
  const [, preview] = /<body[^>]*>\s*<div style="display:none[^"]*">([^<]*)<\/div>/.exec(html) ?? [];
  expect(preview).toBe("Two &amp; &lt;2&gt; · Three · Four");
  // A reader of the text sees each title once.
  expect(text.split("Three")).toHaveLength(2);
});

test("a digest of one paper has no preview of its own", () => {
  expect(digestMessage(digest("One")).html).not.toContain("display:none");
});

test("the heading names the local day, of a weekly digest as the last of its week, whatever its reader has chosen since", () => {
  const { choices, ...rest } = digest("One");
  const due = new Date("2025-12-28T23:00:00Z");
  for (const cadence of ["daily", "weekly"] as const)
    for (const period of ["2025-12-29", "2026-W01"]) {
      const { text, html } = digestMessage({ ...rest, choices: { ...choices, cadence }, due, period });
      const heading = `${period === "2026-W01" ? "Week to " : ""}Monday, December 29, 2025`;
      expect(text).toMatch(new RegExp(`^gradus: ${heading}\n1 paper\n`));
      expect(html).toContain(`>${heading}</h1>`);
    }
});

test("the longest digest ends before mail programs cut it, and tells of the first papers what was measured", () => {
  const told = {
    title: "t".repeat(90),
    authors: "a".repeat(60),
    excerpt: "e".repeat(280),
    marks: "m".repeat(40),
  };
  const findings = ["f".repeat(200), "g".repeat(200)];
  const papers = Array.from({ length: 100 }, (_, i) => ({
    ...told,
    findings,
    arxivId: `2412.${10_000 + i}`,
  }));
  const { html, text } = digestMessage({ ...digest("One"), matched: 100, papers });
  // Gmail shows the first 102 kB.
  expect(Buffer.byteLength(html)).toBeLessThan(102_000);
  expect(html.match(/Measured:/g)).toHaveLength(40);
  expect(text.match(/Measured:/g)).toHaveLength(40);
});

test("messages have only styles that mail programs keep: no layouts, variables, or colors with an opacity", () => {
  const { html = "" } = digestMessage(digest("One", "Two"));
  for (const declaration of declarations(
    html + mailHtml("Sign in", [mailButton("https://a.example", "Go")]),
  )) {
    expect(declaration).not.toMatch(/flex|grid|position|float|var\(|rgb|currentcolor|url\(/i);
    expect(declaration).not.toMatch(/#(?![0-9a-f]{6}$|[0-9a-f]{6} )/i);
  }
  expect(html).not.toMatch(/<(?:style|link|script|img|table)\b/);
});
