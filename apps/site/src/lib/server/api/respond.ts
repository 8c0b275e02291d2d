import type { RequestEvent } from "@sveltejs/kit";
import { api } from "./app.ts";

/** The API's answer to a request, or to the same request for another address. */
export async function respond(event: RequestEvent, url: URL = event.url): Promise<Response> {
  const { request, locals } = event;
  // The answer to HEAD is that to GET; its body is left out where it is sent.
  const asked =
    request.method === "HEAD" ? new Request(url, { headers: request.headers }) : new Request(url, request);
  return api.fetch(asked, {
    address: event.getClientAddress(),
    person: locals.person,
    tellRoute(route) {
      locals.route = route;
    },
    tellTokenOwner(userId) {
      locals.tokenOwner = userId;
    },
  });
}
