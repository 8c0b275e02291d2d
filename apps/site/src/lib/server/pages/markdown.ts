import { formatMeasured, verdictText } from "@gradus/papers";
import { median } from "gradus/statistics";
import { countLabel, longDate } from "#lib/days.ts";
import type { Orm } from "../database/connect.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";
import { abstractSegments } from "../papers/abstract/render.ts";
import type { Segment } from "../papers/abstract/segments.ts";
import { citation } from "../papers/citation.ts";
import { type MeasuredClaim, measuredClaims } from "../papers/measurements/claim-measurements.ts";
import type { StoredPaper } from "../papers/papers.ts";
import { topicsByPaper } from "../search/topics/paper-topics.ts";

/** Text in which nothing is markup. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_[\]<$|]/g, (c) => `\\${c}`)
    .replace(/^(\s*\d*)([#+>.)-])(?=\s)/gm, (_, before: string, mark: string) => `${before}\\${mark}`);
}

function segmentMarkdown(segment: Segment): string {
  switch (segment.kind) {
    case "text":
      return escapeMarkdown(segment.text);
    case "link":
      return `<${segment.url}>`;
    case "emphasis":
      return `*${segmentsMarkdown(segment.children)}*`;
    case "strong":
      return `**${segmentsMarkdown(segment.children)}**`;
    case "math":
      return segment.display ? `$$${segment.tex.trim()}$$` : `$${segment.tex.trim()}$`;
  }
}

/** The pieces of an abstract as Markdown, formulas between dollar signs. */
export function segmentsMarkdown(segments: readonly Segment[]): string {
  return segments.map(segmentMarkdown).join("");
}

const cell = (text: string) => escapeMarkdown(text).replace(/\s+/g, " ");

type Measurement = MeasuredClaim["measurements"][number];

/** Each check with the median of its figures and in how many seeds it held. */
function outcome({ experiment, profile, seeds, checks }: Measurement): string {
  const figures = checks.map(({ label, measured, condition, wanted, held }) => {
    const figure = formatMeasured(median(measured.map(Number)), condition);
    const share = seeds === 1 ? (held === 1 ? "held" : "did not hold") : `${held} of ${seeds} seeds`;
    return `${label}: ${figure}, wanted ${wanted} (${share})`;
  });
  return `${experiment} (${profile}): ${figures.join("; ")}`;
}

function claimsTable(claims: readonly MeasuredClaim[]): string[] {
  if (claims.length === 0) return [];
  const rows = claims.map(
    (claim) =>
      `| ${claim.code} | ${cell(claim.statement)} (${cell(claim.source)}) | ${cell(claim.paper_value)} | ${verdictText({ verdict: claim.verdict, runs: claim.seeds })} | ${cell(claim.measurements.map(outcome).join("; "))} |`,
  );
  return [
    "## Claims",
    ["| | Claim | The paper reports | Verdict | Checks |", "| --- | --- | --- | --- | --- |", ...rows].join(
      "\n",
    ),
  ];
}

/** A paper's page as Markdown: title, what is known of it, abstract, claims, links, citation. */
export async function paperMarkdown(orm: Orm, paper: StoredPaper, origin: string): Promise<string> {
  const [claims, bibtex, ofPapers] = await Promise.all([
    measuredClaims(orm, paper.id),
    citation(orm, paper),
    topicsByPaper(orm, [paper.id]),
  ]);
  const topics = (ofPapers.get(paper.id) ?? []).map(({ label }) => label);
  const { arxivId, featuredAt, latestVersion, arxivUpdatedAt } = paper;
  const facts = [
    `- arXiv: ${arxivId}${latestVersion > 1 ? `, version ${latestVersion}` : ""}`,
    `- Published: ${longDate(paper.publishedAt)}`,
    arxivUpdatedAt && latestVersion > 1 && `- Updated: ${longDate(arxivUpdatedAt)}`,
    featuredAt && `- Featured: ${longDate(featuredAt)}`,
    paper.withdrawn && "- Withdrawn from arXiv",
    topics.length > 0 && `- Topics: ${topics.map(escapeMarkdown).join(", ")}`,
    `- Votes: ${paper.votesCount}`,
  ].filter(Boolean);
  const links = [
    `- [This paper on gradus](${origin}/papers/${arxivId})`,
    `- [arXiv](https://arxiv.org/abs/${arxivId}), [PDF](https://arxiv.org/pdf/${arxivId})`,
    paper.codeUrl && `- [Code](${paper.codeUrl})`,
    paper.projectUrl && `- [Project](${paper.projectUrl})`,
    paper.specSlug && `- Run it: \`npx gradus run ${paper.specSlug}\``,
  ].filter(Boolean);
  return `${[
    `# ${escapeMarkdown(readableLine(paper.title))}`,
    `${countLabel(paper.authorsCount, "author")}: ${paper.authors.map(escapeMarkdown).join(", ")}`,
    facts.join("\n"),
    "## Abstract",
    segmentsMarkdown(abstractSegments(paper.abstractRaw, paper.abstractKind)),
    ...claimsTable(claims),
    "## Links",
    links.join("\n"),
    `## BibTeX\n\n\`\`\`bibtex\n${bibtex}\`\`\``,
  ].join("\n\n")}\n`;
}

/** How much a type is wanted by an `Accept` field, from 0 to 1; `undefined` when it is not named as such. */
function quality(accept: string, type: string): number | undefined {
  for (const part of accept.toLowerCase().split(",")) {
    const [name, ...parameters] = part.split(";").map((text) => text.trim());
    if (name !== type) continue;
    const given = parameters.find((parameter) => parameter.startsWith("q="));
    const value = given === undefined ? 1 : Number(given.slice(2));
    return Number.isFinite(value) ? value : 0;
  }
  return undefined;
}

/** Whether an `Accept` field asks for Markdown, by its name, at least as much as for HTML. */
export function prefersMarkdown(accept: string | null): boolean {
  if (accept === null || accept.length > 1000) return false;
  const markdown = quality(accept, "text/markdown");
  if (markdown === undefined || markdown === 0) return false;
  const html = quality(accept, "text/html");
  // Named alike, the first one counts.
  if (html === markdown)
    return accept.toLowerCase().indexOf("text/markdown") < accept.toLowerCase().indexOf("text/html");
  return html === undefined || markdown > html;
}
