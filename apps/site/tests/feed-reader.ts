import { SaxesParser } from "saxes";
import { z } from "zod";

/** An element of a document. */
export interface XmlNode {
  readonly name: string;
  readonly uri: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlNode[];
  text: string;
}

/**
 * Reads a document with its namespaces.
 *
 * @throws Error when it is not well-formed
 */
export function readXml(xml: string): XmlNode {
  const root: XmlNode = { name: "", uri: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ local, uri, attributes }) => {
    const values = Object.entries(attributes).map(([name, { value }]) => [name, value]);
    const node = { name: local, uri, attributes: Object.fromEntries(values), children: [], text: "" };
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  parser.on("text", (text) => {
    const node = open.at(-1);
    if (node) node.text += text;
  });
  parser.on("closetag", () => void open.pop());
  parser.write(xml).close();
  const [document] = root.children;
  return document;
}

const ATOM = "http://www.w3.org/2005/Atom";
const DUBLIN_CORE = "http://purl.org/dc/elements/1.1/";
const TAG_URI = /^tag:[a-z0-9.-]+,\d{4}(?:-\d\d(?:-\d\d)?)?:[!-~]+$/;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const RFC_822 =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

const named = (node: XmlNode, name: string, uri: string) =>
  node.children.filter((child) => child.name === name && child.uri === uri);

/** What is wrong with a feed by the rules that validators check. */
export interface Verdict {
  readonly ids: readonly string[];
  readonly problems: readonly string[];
}

class Findings {
  readonly problems: string[] = [];
  need(holds: boolean, rule: string): void {
    if (!holds) this.problems.push(rule);
  }
  /** The one element of a name. */
  one(node: XmlNode, name: string, uri: string): string {
    const found = named(node, name, uri);
    this.need(found.length === 1, `${node.name} has one ${name}, not ${found.length}`);
    return found[0]?.text ?? "";
  }
}

const isAddress = (text: string | undefined) =>
  /^https?:\/\/\S+$/.test(text ?? "") && URL.canParse(text ?? "");
const distinct = (values: readonly string[]) => new Set(values).size === values.length;

/** Checks Atom by RFC 4287. */
export function checkAtom(xml: string): Verdict {
  const findings = new Findings();
  const feed = readXml(xml);
  findings.need(feed.name === "feed" && feed.uri === ATOM, "the root is atom:feed");
  const check = (node: XmlNode) => {
    const id = findings.one(node, "id", ATOM);
    findings.need(TAG_URI.test(id), `id ${id} is a tag URI`);
    findings.need(findings.one(node, "title", ATOM).trim() !== "", "titles are not empty");
    findings.need(RFC_3339.test(findings.one(node, "updated", ATOM)), "updated is an RFC 3339 date");
    for (const { attributes } of named(node, "link", ATOM))
      findings.need(isAddress(attributes.href), `link to ${attributes.href}`);
    const alternates = named(node, "link", ATOM).filter(({ attributes }) => attributes.rel === "alternate");
    findings.need(alternates.length === 1, "one alternate link of a type");
    for (const author of named(node, "author", ATOM))
      findings.need(findings.one(author, "name", ATOM) !== "", "authors have names");
    return id;
  };
  check(feed);
  const selves = named(feed, "link", ATOM).filter(({ attributes }) => attributes.rel === "self");
  findings.need(selves.length === 1, "the feed links to itself");
  const entries = named(feed, "entry", ATOM);
  const ids = entries.map(check);
  for (const entry of entries) {
    findings.need(RFC_3339.test(findings.one(entry, "published", ATOM)), "published is an RFC 3339 date");
    const [content] = named(entry, "content", ATOM);
    findings.need(
      content?.attributes.type === "html" && content.children.length === 0,
      "HTML is escaped text",
    );
    findings.need(
      named(entry, "author", ATOM).length + named(feed, "author", ATOM).length > 0,
      "entries have an author, or the feed has",
    );
    for (const { attributes } of named(entry, "category", ATOM))
      findings.need(Boolean(attributes.term), "categories have terms");
  }
  findings.need(distinct(ids), "ids are distinct");
  return { ids, problems: findings.problems };
}

/** Checks RSS 2.0 by its specification and the profile of the RSS Advisory Board. */
export function checkRss(xml: string): Verdict {
  const findings = new Findings();
  const rss = readXml(xml);
  findings.need(rss.name === "rss" && rss.attributes.version === "2.0", "the root is rss 2.0");
  const channels = named(rss, "channel", "");
  findings.need(channels.length === 1, "one channel");
  const [channel] = channels;
  findings.need(findings.one(channel, "title", "") !== "", "the channel has a title");
  findings.need(isAddress(findings.one(channel, "link", "")), "the channel links to its page");
  findings.need(findings.one(channel, "description", "") !== "", "the channel has a description");
  findings.need(RFC_822.test(findings.one(channel, "lastBuildDate", "")), "lastBuildDate is an RFC 822 date");
  const [self] = named(channel, "link", ATOM);
  findings.need(
    self?.attributes.rel === "self" && isAddress(self.attributes.href),
    "the channel links to itself",
  );
  const ids = named(channel, "item", "").map((item) => {
    findings.need(findings.one(item, "title", "").trim() !== "", "items have titles");
    findings.need(isAddress(findings.one(item, "link", "")), "items link to their pages");
    findings.need(findings.one(item, "description", "") !== "", "items have descriptions");
    findings.need(RFC_822.test(findings.one(item, "pubDate", "")), "pubDate is an RFC 822 date");
    findings.need(named(item, "author", "").length === 0, "author would have to be a mail address");
    findings.need(named(item, "creator", DUBLIN_CORE).length > 0, "items have creators");
    const [guid] = named(item, "guid", "");
    findings.need(guid?.attributes.isPermaLink === "false", "a guid that is no address says so");
    return findings.one(item, "guid", "");
  });
  findings.need(distinct(ids), "guids are distinct");
  return { ids, problems: findings.problems };
}

const address = z.string().refine(isAddress);
const jsonFeedSchema = z.strictObject({
  version: z.literal("https://jsonfeed.org/version/1.1"),
  title: z.string().min(1),
  home_page_url: address,
  feed_url: address,
  description: z.string(),
  language: z.literal("en"),
  items: z.array(
    z.strictObject({
      id: z.string().regex(TAG_URI),
      url: address,
      external_url: address,
      title: z.string().min(1),
      content_html: z.string().min(1),
      date_published: z.string().regex(RFC_3339),
      date_modified: z.string().regex(RFC_3339),
      authors: z.array(z.strictObject({ name: z.string().min(1) })),
      tags: z.array(z.string().min(1)),
    }),
  ),
});

/** Checks JSON Feed by its specification, version 1.1. */
export function checkJsonFeed(text: string): Verdict {
  const result = jsonFeedSchema.safeParse(JSON.parse(text));
  if (!result.success)
    return {
      ids: [],
      problems: result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
    };
  const ids = result.data.items.map(({ id }) => id);
  return { ids, problems: distinct(ids) ? [] : ["ids are distinct"] };
}
