import { z } from "zod";
import { paperMarkdown } from "../../pages/markdown.ts";
import { operation } from "../operation.ts";
import { requirePaper } from "../paper-resource.ts";
import { arxivIdParameter } from "../parameters.ts";

/** A paper's page as Markdown. */
export const getMarkdown = operation({
  id: "getMarkdown",
  tag: "Compatible with Hugging Face",
  path: "/papers/{id}.md",
  summary: "Get a paper as Markdown",
  description:
    "The paper's page as Markdown: abstract with formulas between dollar signs, claims, links, citation. The page itself returns the same for `Accept: text/markdown`.",
  statuses: [404],
  parameters: { path: z.object({ id: arxivIdParameter }), query: z.object({}) },
  result: { type: "text/markdown", words: "The page in Markdown." },
  async handle({ site, url, path }) {
    const { orm } = site.database;
    return { body: await paperMarkdown(orm, await requirePaper(orm, path.id), url.origin) };
  },
});
