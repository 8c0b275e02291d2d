import type { RequestEvent } from "@sveltejs/kit";
import { prefersMarkdown } from "../pages/markdown.ts";
import { respond } from "./respond.ts";

/** The answer to a request that wants a paper's page as Markdown; undefined for any other request. */
export async function negotiateMarkdown(event: RequestEvent): Promise<Response | undefined> {
  const { request, route, url } = event;
  if (route.id !== "/papers/[...id]" || !["GET", "HEAD"].includes(request.method)) return undefined;
  if (!prefersMarkdown(request.headers.get("accept"))) return undefined;
  const address = new URL(url);
  address.pathname += ".md";
  const response = await respond(event, address);
  response.headers.append("Vary", "Accept");
  return response;
}
