import { and, eq, gte, lt, sql } from "drizzle-orm";
import type { Orm } from "../database/connect.ts";
import { paperAuthors, papers } from "../database/schema/index.ts";
import { bibtex, citationKey, keyWord, splitName } from "./bibtex.ts";
import type { StoredPaper } from "./papers.ts";

/** ``, `b`, `c`, …, `z`, `aa`, `ab`, …: what the papers of one key are told apart by. */
function suffix(index: number): string {
  if (index === 0) return "";
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : `${suffix(Math.floor(index / 26) - 1) || "a"}${letter}`;
}

/** A paper's citation key: the usual one, with a letter where an earlier paper here has it already. */
export async function uniqueKey(orm: Orm, paper: StoredPaper): Promise<string> {
  const key = citationKey(paper);
  const family = splitName(paper.authors[0] ?? "").family;
  const last = family.split(" ").at(-1) ?? "";
  const year = paper.publishedAt.getUTCFullYear();
  const ending = sql`reverse(lower(unaccent(${last})))`;
  const title = sql`coalesce(${papers.titleFolded}, lower(unaccent(${papers.title})))`;
  const others = await orm
    .select({
      arxivId: papers.arxivId,
      title: papers.title,
      author: paperAuthors.name,
      publishedAt: papers.publishedAt,
    })
    .from(papers)
    .innerJoin(paperAuthors, and(eq(paperAuthors.paperId, papers.id), eq(paperAuthors.position, 1)))
    .where(
      and(
        gte(papers.publishedAt, new Date(Date.UTC(year, 0))),
        lt(papers.publishedAt, new Date(Date.UTC(year + 1, 0))),
        // Names that end alike, whatever their accents: only these can share a key.
        sql`reverse(${paperAuthors.nameFolded}) ~>=~ ${ending}`,
        sql`reverse(${paperAuthors.nameFolded}) ~<~ (${ending} || chr(1114111))`,
        // So must the word of the title, which letters outside of ASCII may part.
        sql`(position(${keyWord(paper.title)} in ${title}) > 0 or ${title} ~ '[^ -~]')`,
      ),
    )
    .orderBy(papers.publishedAt, papers.arxivId);
  const same = others.filter(
    ({ title: name, author, publishedAt }) =>
      citationKey({ title: name, authors: [author], publishedAt, arxivId: "", primaryCategory: null }) ===
      key,
  );
  const index = same.findIndex(({ arxivId }) => arxivId === paper.arxivId);
  return `${key}${suffix(Math.max(0, index))}`;
}

/** A paper as a BibTeX entry whose key no other paper here has. */
export async function citation(orm: Orm, paper: StoredPaper): Promise<string> {
  return bibtex(paper, await uniqueKey(orm, paper));
}
