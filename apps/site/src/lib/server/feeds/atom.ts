import { type Feed, type FeedItem, feedUpdated } from "./feed.ts";
import { element, type Xml, xmlDocument } from "./xml.ts";

export const ATOM_TYPE = "application/atom+xml";

function entry(item: FeedItem): Xml {
  return element(
    "entry",
    {},
    element("id", {}, item.id),
    element("title", {}, item.title),
    element("link", { rel: "alternate", type: "text/html", href: item.url }),
    element("link", { rel: "related", type: "text/html", href: item.arxivUrl }),
    element("published", {}, item.published.toISOString()),
    element("updated", {}, item.updated.toISOString()),
    ...item.authors.map((name) => element("author", {}, element("name", {}, name))),
    ...item.topics.map(({ slug, label }) => element("category", { term: slug, label })),
    element("content", { type: "html" }, item.html),
  );
}

/** A feed as Atom 1.0 (RFC 4287). */
export function atom(feed: Feed): string {
  return xmlDocument(
    element(
      "feed",
      { xmlns: "http://www.w3.org/2005/Atom", "xml:lang": "en" },
      element("id", {}, feed.id),
      element("title", {}, feed.title),
      element("subtitle", {}, feed.description),
      element("link", { rel: "self", type: ATOM_TYPE, href: feed.feedUrl }),
      element("link", { rel: "alternate", type: "text/html", href: feed.pageUrl }),
      element("updated", {}, feedUpdated(feed).toISOString()),
      // Holds for entries whose authors are not known.
      element("author", {}, element("name", {}, "gradus")),
      element("generator", {}, "gradus"),
      ...feed.items.map(entry),
    ),
  );
}
