import type { Feed } from "./feed.ts";

export const JSON_FEED_TYPE = "application/feed+json";

/** A feed as JSON Feed 1.1. */
export function jsonFeed({ title, description, pageUrl, feedUrl, items }: Feed): string {
  return JSON.stringify({
    version: "https://jsonfeed.org/version/1.1",
    title,
    home_page_url: pageUrl,
    feed_url: feedUrl,
    description,
    language: "en",
    items: items.map((item) => ({
      id: item.id,
      url: item.url,
      external_url: item.arxivUrl,
      title: item.title,
      content_html: item.html,
      date_published: item.published.toISOString(),
      date_modified: item.updated.toISOString(),
      authors: item.authors.map((name) => ({ name })),
      tags: item.topics.map(({ label }) => label),
    })),
  });
}
