import { longDate } from "#lib/days.ts";
import type { TopicView } from "#lib/views.ts";
import { escapeHtml } from "../papers/abstract/html.ts";
import { readableLine } from "../papers/abstract/readable-line.ts";
import type { PaperSummary } from "../papers/listing/paper-rows.ts";

/** A paper in a feed. */
export interface FeedItem {
  /** Never changes. */
  readonly id: string;
  readonly url: string;
  readonly arxivUrl: string;
  /** Plain text. */
  readonly title: string;
  readonly authors: readonly string[];
  readonly html: string;
  readonly topics: readonly TopicView[];
  /** When it was featured. */
  readonly published: Date;
  /** When its text last changed; votes do not change it. */
  readonly updated: Date;
}

/** A feed before it is written in one of the formats. */
export interface Feed {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly pageUrl: string;
  readonly feedUrl: string;
  /** Papers that a search found, of which the first are the items; undefined for a list. */
  readonly found?: number;
  readonly items: readonly FeedItem[];
}

/** The moment of a feed that has no items. */
const BEGINNING = Date.UTC(2025, 0, 1);

/** When a feed last changed: when its latest item did. */
export function feedUpdated({ items }: Feed): Date {
  return new Date(Math.max(BEGINNING, ...items.map(({ updated }) => updated.getTime())));
}

function itemHtml(paper: PaperSummary, url: string): string {
  const arxiv = `https://arxiv.org/abs/${paper.arxivId}`;
  const links = [
    `<a href="${escapeHtml(url)}">${paper.specSlug === null ? "Page" : "Run its claims"}</a>`,
    `<a href="${arxiv}">arXiv</a>`,
    `<a href="https://arxiv.org/pdf/${paper.arxivId}">PDF</a>`,
    ...(paper.codeUrl ? [`<a href="${escapeHtml(paper.codeUrl)}">Code</a>`] : []),
  ];
  const paragraphs = [
    `${escapeHtml(paper.authors.join(", "))} · ${longDate(paper.publishedAt)}`,
    ...paper.abstractText.split(/\n{2,}/).map(escapeHtml),
    links.join(" · "),
  ];
  return paragraphs.map((text) => `<p>${text}</p>`).join("\n");
}

/** A paper as an item of the feeds of the site at `origin`. */
export function feedItem(paper: PaperSummary, topics: readonly TopicView[], origin: string): FeedItem {
  const { arxivId, arxivUpdatedAt, title, authors } = paper;
  const published = paper.featuredAt ?? paper.publishedAt;
  const url = `${origin}/papers/${arxivId}`;
  return {
    id: `tag:${new URL(origin).hostname},2025:paper:${arxivId}`,
    url,
    arxivUrl: `https://arxiv.org/abs/${arxivId}`,
    title: readableLine(title),
    authors,
    html: itemHtml(paper, url),
    topics,
    published,
    updated: arxivUpdatedAt && arxivUpdatedAt > published ? arxivUpdatedAt : published,
  };
}
