import type { RequestEvent } from "@sveltejs/kit";
import { prefersMarkdown } from "../pages/markdown.ts";
import { endpoint } from "./endpoint.ts";
import { getMarkdown } from "./operations/markdown.ts";

const { GET } = endpoint(getMarkdown);

/** The answer to a request that wants a paper's page as Markdown; undefined for any other request. */
export async function negotiateMarkdown(event: RequestEvent): Promise<Response | undefined> {
  const { request, route } = event;
  if (route.id !== "/papers/[...id]" || !["GET", "HEAD"].includes(request.method)) return undefined;
  if (!prefersMarkdown(request.headers.get("accept"))) return undefined;
  const response = await GET(event);
  response.headers.append("Vary", "Accept");
  return response;
}
