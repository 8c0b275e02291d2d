import { and, desc, eq, isNotNull, lte } from "drizzle-orm";
import { type Day, dayOf } from "#lib/days.ts";
import type { Orm } from "../database/connect.ts";
import { papers } from "../database/schema/index.ts";
import { element, xmlDocument } from "./xml.ts";

/** What a file of the protocol may list. */
const MOST = 50_000;
/** Pages that are no list of papers and no paper. */
const PAGES = ["/papers/trending", "/docs", "/docs/http", "/docs/speed", "/model", "/ranking", "/about"];

/**
 * The pages of the site for crawlers: what is always there, days with papers, and papers, the latest first.
 *
 * Source: the protocol of sitemaps.org, version 0.9.
 */
export async function sitemap(
  orm: Orm,
  origin: string,
  { today, guides }: { readonly today: Date; readonly guides: readonly string[] },
): Promise<string> {
  const rows = await orm
    .select({ arxivId: papers.arxivId, day: papers.featuredOn })
    .from(papers)
    .where(and(isNotNull(papers.featuredAt), eq(papers.hidden, false), lte(papers.featuredOn, dayOf(today))))
    .orderBy(desc(papers.featuredAt), papers.arxivId)
    .limit(MOST / 2);
  const days = [...new Set(rows.flatMap(({ day }): Day[] => (day ? [day] : [])))];
  const paths = [
    ...PAGES,
    ...guides,
    ...days.map((day) => `/papers/date/${day}`),
    ...rows.map(({ arxivId }) => `/papers/${arxivId}`),
  ];
  const urls = paths.slice(0, MOST).map((path) => element("url", {}, element("loc", {}, origin + path)));
  return xmlDocument(element("urlset", { xmlns: "http://www.sitemaps.org/schemas/sitemap/0.9" }, ...urls));
}
