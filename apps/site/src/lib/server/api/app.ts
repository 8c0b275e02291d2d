import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import { routePath } from "hono/route";
import { exposedHeaders } from "../http/cors.ts";
import { Problem } from "../http/problem.ts";
import { rateLimiter, rateLimitHeaders } from "../http/rate-limit.ts";
import { answer } from "./answer.ts";
import { compatibleApi } from "./compatible/endpoints.ts";
import { newApi } from "./context.ts";
import { requestsPerMinute } from "./conventions.ts";
import { openApiDocument } from "./openapi.ts";
import { feedsApi } from "./operations/feeds.ts";
import { markdownApi } from "./operations/markdown.ts";
import { operatorApi } from "./operations/operator.ts";
import { decisionsApi } from "./operations/operator-decisions.ts";
import { papersApi } from "./operations/papers.ts";
import { reportsApi } from "./operations/reports.ts";
import { searchApi } from "./operations/search.ts";
import { siteApi } from "./operations/site.ts";
import { submissionsApi } from "./operations/submissions.ts";
import { subscriptionsApi } from "./operations/subscriptions.ts";
import { votesApi } from "./operations/votes.ts";
import { failure, notFound, problemResponse } from "./problems.ts";

const DAY_SECONDS = 86_400;
/** The path of the middlewares below. */
const EVERY_PATH = "/*";

const allowanceOf = rateLimiter(requestsPerMinute);

/** All that programs ask the site for: its API, its feeds, and its pages as Markdown. */
export const api = newApi();

api.onError(failure);
api.notFound(notFound);

api.use(async (context, next) => {
  await next();
  // The route that answered; the last of those that match, where a middleware refused before any.
  const answered = routePath(context);
  context.env.tellRoute?.(answered === EVERY_PATH ? routePath(context, -1) : answered);
});

api.use(
  cors({
    origin: "*",
    allowMethods: ["GET", "HEAD", "OPTIONS"],
    allowHeaders: ["Accept", "If-None-Match", "If-Modified-Since"],
    exposeHeaders: exposedHeaders,
    maxAge: DAY_SECONDS,
  }),
);

api.use(
  methodNotAllowed({
    app: api,
    onMethodNotAllowed: ({ req }, methods) => {
      const problem = new Problem(
        "method_not_allowed",
        `${req.method} is not allowed for ${req.path}; use ${methods.filter((method) => method !== "HEAD").join(" or ")}.`,
      );
      return problemResponse(problem, req.path, { Allow: [...methods, "OPTIONS"].join(", ") });
    },
  }),
);

/** Counts requests from an address. Feeds are fetched by machines that many readers share. */
api.use(async (context, next) => {
  const { address } = context.env;
  if (address === undefined || context.req.path.startsWith("/feed.")) return next();
  // The real time, also where the site's clock is stopped: a window must end.
  const allowance = allowanceOf(address, new Date());
  const headers = rateLimitHeaders(allowance);
  if (!allowance.allowed) {
    const problem = new Problem(
      "too_many_requests",
      `Rate limit of ${allowance.limit} requests per minute exceeded; retry in ${allowance.seconds} s.`,
    );
    return problemResponse(problem, context.req.path, headers);
  }
  await next();
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
});

for (const part of [
  papersApi,
  votesApi,
  siteApi,
  searchApi,
  feedsApi,
  reportsApi,
  submissionsApi,
  subscriptionsApi,
  operatorApi,
  decisionsApi,
  compatibleApi,
  markdownApi,
])
  api.route("/", part);

api.get("/api/openapi.json", (context) =>
  answer(context, async ({ url }) => ({
    body: JSON.stringify(openApiDocument(api, url.origin)),
    type: "application/json",
  })),
);
