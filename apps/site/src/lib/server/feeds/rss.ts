import { type Feed, type FeedItem, feedUpdated } from "./feed.ts";
import { element, type Xml, xmlDocument } from "./xml.ts";

export const RSS_TYPE = "application/rss+xml";

/** An instant as RFC 822 writes it, with four digits of the year. */
const dateOf = (instant: Date) => instant.toUTCString();

function itemElement(item: FeedItem): Xml {
  return element(
    "item",
    {},
    element("title", {}, item.title),
    element("link", {}, item.url),
    element("guid", { isPermaLink: "false" }, item.id),
    element("pubDate", {}, dateOf(item.published)),
    // RSS' own author is a mail address.
    ...item.authors.map((name) => element("dc:creator", {}, name)),
    ...item.topics.map(({ label }) => element("category", {}, label)),
    element("description", {}, item.html),
  );
}

/** A feed as RSS 2.0. */
export function rss(feed: Feed): string {
  return xmlDocument(
    element(
      "rss",
      {
        version: "2.0",
        "xmlns:atom": "http://www.w3.org/2005/Atom",
        "xmlns:dc": "http://purl.org/dc/elements/1.1/",
      },
      element(
        "channel",
        {},
        element("title", {}, feed.title),
        element("link", {}, feed.pageUrl),
        element("description", {}, feed.description),
        element("language", {}, "en"),
        element("lastBuildDate", {}, dateOf(feedUpdated(feed))),
        element("generator", {}, "gradus"),
        element("atom:link", { rel: "self", type: RSS_TYPE, href: feed.feedUrl }),
        ...feed.items.map(itemElement),
      ),
    ),
  );
}
