import { createRoute, z } from "@hono/zod-openapi";
import { paperMarkdown } from "../../pages/markdown.ts";
import { answer, text } from "../answer.ts";
import { newApi } from "../context.ts";
import { requirePaper } from "../paper-resource.ts";
import { arxivIdParameter } from "../parameters.ts";
import { responses } from "../responses.ts";

const ENDING = ".md";

/** A paper's page as Markdown. */
const getMarkdown = createRoute({
  method: "get",
  path: "/papers/{id}.md",
  operationId: "getMarkdown",
  tags: ["Compatible with Hugging Face"],
  summary: "Get a paper as Markdown",
  description:
    "The paper's page as Markdown: abstract with formulas between dollar signs, claims, links, citation. The page itself returns the same for `Accept: text/markdown`.",
  request: { params: z.object({ id: arxivIdParameter }) },
  responses: responses(
    { type: "text/markdown", words: "The page in Markdown." },
    { statuses: [404], compatible: true },
  ),
});

/** Pages as Markdown. The router takes a parameter for all of a path's part, so the ending is cut off here. */
export const markdownApi = newApi();
markdownApi.openAPIRegistry.registerPath(getMarkdown);
markdownApi.get("/papers/:file{.+\\.md}", (context) =>
  answer(context, async ({ site, url }) => {
    const { orm } = site.database;
    const paper = await requirePaper(orm, context.req.param("file").slice(0, -ENDING.length));
    return text("text/markdown", await paperMarkdown(orm, paper, url.origin));
  }),
);
