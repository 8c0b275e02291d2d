import { randomUUID } from "node:crypto";
import type { RequestEvent } from "@sveltejs/kit";
import type { Handle, HandleServerError, ResolveOptions, ServerInit } from "@sveltejs/kit/hooks";
import { errorSentence } from "#lib/error-words.ts";
import { negotiateMarkdown } from "#lib/server/api/content-negotiation.ts";
import { errorResponse } from "#lib/server/api/error-response.ts";
import type { Rendered } from "#lib/server/cache/cached-page.ts";
import { cacheKey } from "#lib/server/cache/page-cache.ts";
import { isConnectionError } from "#lib/server/database/connection-errors.ts";
import { isUnmeasured, LARGEST_BODY, readWhole } from "#lib/server/http/body-limit.ts";
import { acceptedEncodings, compressed } from "#lib/server/http/compress.ts";
import { securityHeaders } from "#lib/server/http/headers.ts";
import { isCrossSite, isCrossSiteSignIn } from "#lib/server/http/origin-check.ts";
import { requestContext } from "#lib/server/http/request-context.ts";
import { accountInLog, errorFields, log } from "#lib/server/log.ts";
import { keptForm, unavailablePage } from "#lib/server/pages/unavailable-page.ts";
import { mayOperate } from "#lib/server/people/operators.ts";
import { readSession, sessionCookie } from "#lib/server/people/sessions.ts";
import { requestPipeline } from "#lib/server/request-pipeline.ts";
import { logsQueries, takeSearch } from "#lib/server/search/logged-search.ts";
import { keyFor } from "#lib/server/secrets.ts";
import { closeSite, openSite, site } from "#lib/server/site.ts";
import { dev, version } from "$app/env";

/** The version of a build that names no sources, by the configuration of Vite. */
const UNNAMED_BUILD = "development";

export const init: ServerInit = async () => {
  // Sources that are not named may change between two starts.
  await openSite(dev || version === UNNAMED_BUILD ? undefined : version);
  process.once("sveltekit:shutdown", () => void closeSite());
};

/** Answered whatever else goes on: by them an operator learns what does. */
const MONITORING = new Set(["/healthz", "/readyz", "/metrics"]);

/** Routes that keep their answers themselves, and make new ones in turn: a turn within a turn could wait for ever. */
const KEEPING = /^\/(?:api\/|feed\.)|\.md$/;

/** Pages for one person alone, or with a token in their address. */
const PRIVATE = /^\/(?:sign-in|account|mail|subscribe|administrator|operator|submit)(?:\/|$)/;
/** Pages of the site's operators. */
const OPERATOR = /^\/operator(?:\/|$)/;
/** Routes that go by a token or a signature alone: providers of mail ask them without cookies, from anywhere. */
const BY_TOKEN = /^\/(?:u|hooks)\//;

/** Routes of the API with such a token in their address; browsers' cookies count there, too. */
const TOKEN_IN_API = /^\/api\/v1\/subscriptions\/:/;

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
const UNAVAILABLE = "The database is temporarily unavailable. Please try again in a minute.";

/** How soon to come back when the database cannot be reached, in seconds. */
const RETRY_AFTER = "10";

const LOGS_QUERIES = logsQueries(process.env);
let logKey: Buffer | undefined;

/** What the log says about who made a request. */
function inLog({ locals: { tokenOwner, person } }: RequestEvent): string | undefined {
  const account = tokenOwner ?? person?.id;
  if (account === undefined) return undefined;
  logKey ??= keyFor(process.env, "log");
  return accountInLog(account, logKey);
}

type Answer = (options?: ResolveOptions) => Promise<Response>;

/** The answer of a route with its page as text: as a body it would be measured for a tag, packed and unpacked again. */
async function renderedBy(resolve: Answer): Promise<Rendered> {
  // In the page's place: a reader who could name its tag would be told that nothing has changed.
  const place = randomUUID();
  let text: string | undefined;
  const response = await resolve({
    transformPageChunk({ html }) {
      text = html;
      return place;
    },
  });
  if (text === undefined) return { response };
  // What follows it while it is sent.
  const html = text + (await response.text()).slice(place.length);
  // The framework keeps the options, and so all that they refer to, longer than its answer.
  text = undefined;
  return { response, html };
}

/** The answer of a route, from memory where that is as good. */
async function fromRoute(event: RequestEvent, resolve: Answer): Promise<Response> {
  const { request, url, route, isDataRequest } = event;
  const key = dev ? undefined : cacheKey(request, { url, route: route.id, isData: isDataRequest });
  const { enqueue, pages } = await requestPipeline();
  if (key === undefined) return KEEPING.test(route.id ?? "") ? resolve() : enqueue(resolve);
  const gzip = acceptedEncodings(request.headers.get("accept-encoding")).has("gzip");
  return pages.respond(key, { gzip }, (stamp) => {
    event.locals.stamp = stamp;
    return enqueue(() => renderedBy(resolve));
  });
}

/** The last good copy of a page of papers, for a reader whose session cannot be read; undefined where there is none. */
async function lastCopy({ request, url, route, isDataRequest }: RequestEvent): Promise<Response | undefined> {
  const asked = { url, route: route.id, isData: isDataRequest, unknownReader: true };
  const key = dev ? undefined : cacheKey(request, asked);
  return key === undefined ? undefined : (await requestPipeline()).pages.lastCopy(key);
}

/** Tells the routes who is signed in. False where nobody can tell, because the database cannot be reached. */
async function readPerson({ cookies, locals, url }: RequestEvent): Promise<boolean> {
  const { name, options } = sessionCookie(url);
  const token = cookies.get(name);
  if (!token) return true;
  const { database, now } = await site();
  try {
    const session = await readSession(database.orm, token, now());
    if (!session) return true;
    locals.person = session.person;
    locals.session = token;
    if (session.renewed) cookies.set(name, token, options);
    return true;
  } catch (error) {
    if (isConnectionError(error)) return false;
    throw error;
  }
}

async function answer(event: RequestEvent, resolve: Answer): Promise<Response> {
  const { request, url, route } = event;
  if (MONITORING.has(route.id ?? "")) return resolve();
  const byToken = BY_TOKEN.test(route.id ?? "");
  const isForeign = PRIVATE.test(route.id ?? "") ? isCrossSiteSignIn : isCrossSite;
  if (!byToken && (isCrossSite(request, url.origin) || isForeign(request, url.origin)))
    return errorResponse(request, "cross_site", "Cross-site requests may only read.");
  if (isUnmeasured(request)) {
    const whole = await readWhole(request, LARGEST_BODY);
    if (!whole) return errorResponse(request, "too_large", errorSentence("Payload Too Large"));
    // The routes read the body of the event's request, and the framework has no other place for it.
    Object.defineProperty(event, "request", { value: whole });
  }
  const release = await (await requestPipeline()).admission.acquire();
  if (!release)
    return errorResponse(request, "overloaded", "The server is overloaded; try again in a second.");
  try {
    const known = await readPerson(event);
    // Whoever is signed in must not be told that they are not. What all readers may read is read without it.
    if (!known && (!SAFE_METHODS.has(request.method) || PRIVATE.test(route.id ?? "")))
      return errorResponse(request, "unavailable", UNAVAILABLE);
    const copy = known ? undefined : await lastCopy(event);
    if (copy) return copy;
    // Whatever a page itself checks: its data and its forms can be asked for without the layout around it.
    const operates = request.method !== "GET" || event.isDataRequest;
    if (OPERATOR.test(route.id ?? "") && operates && !mayOperate(event.locals.person, url.pathname))
      return errorResponse(request, "not_found", "There is no page at this address.");
    return (await negotiateMarkdown(event)) ?? (await fromRoute(event, resolve));
  } finally {
    release();
  }
}

export const handle: Handle = async ({ event, resolve }) => {
  const begun = performance.now();
  const context = requestContext(event.platform?.req);
  if (context) context.route = event.route.id ?? "(none)";
  const form = keptForm(event.request);
  const answered = await answer(event, async (options) => resolve(event, options));
  const response = form && answered.status === 503 ? await unavailablePage(form) : answered;
  const route = event.locals.route ?? event.route.id ?? "(none)";
  const search = takeSearch(response, event.url, { words: LOGS_QUERIES });
  if (context) {
    context.route = route;
    context.user = inLog(event);
    context.search = search;
  }
  for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value);
  if (response.headers.get("content-type")?.startsWith("text/html")) {
    response.headers.set("content-type", "text/html; charset=utf-8");
    // Every page has a nonce of its own, so no two copies are equal.
    response.headers.delete("etag");
    response.headers.set("cache-control", event.locals.person ? "private, no-cache" : "no-cache");
    if (route === "/papers/[...id]") response.headers.append("vary", "Accept");
  }
  // A page that a route failed to make says it as the API does.
  if (response.status === 503 && !response.headers.has("retry-after"))
    response.headers.set("retry-after", RETRY_AFTER);
  if (PRIVATE.test(route)) {
    response.headers.set("cache-control", "no-store");
    // Not "no-referrer": browsers then send forms with no origin that could be checked.
    response.headers.set("referrer-policy", "same-origin");
  }
  if (BY_TOKEN.test(route) || TOKEN_IN_API.test(route)) {
    response.headers.set("cache-control", "no-store");
    response.headers.set("referrer-policy", "no-referrer");
    response.headers.set("x-robots-tag", "noindex");
  }
  const { requests } = await requestPipeline();
  requests.observe({ route, status: response.status, seconds: (performance.now() - begun) / 1000 });
  return dev ? response : compressed(event.request, response);
};

export const handleError: HandleServerError = ({ error, event, kind }) => {
  if (kind !== "unknown") return;
  const reference = randomUUID().slice(0, 8);
  const { method } = event.request;
  const id = requestContext(event.platform?.req)?.id;
  log({ level: "error", reference, id, method, route: event.route.id ?? "(none)", ...errorFields(error) });
  // In development the whole error is wanted, and nobody else's data are there.
  if (dev) console.error(error);
  if (isConnectionError(error)) return { status: 503, message: UNAVAILABLE, reference };
  return { message: "An internal error occurred.", reference };
};
