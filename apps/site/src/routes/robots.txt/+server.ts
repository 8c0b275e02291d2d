import type { RequestHandler } from "./$types";

/** What crawlers need not read: searches, of which there is no end, and what is only one reader's. */
const LEFT_OUT = [
  "/papers?q=",
  "/papers?*q=",
  "/runs",
  "/saved",
  "/offline",
  "/docs/search",
  "/api/v1/search",
];

export const GET: RequestHandler = ({ url }) =>
  new Response(
    [
      "User-agent: *",
      ...LEFT_OUT.map((path) => `Disallow: ${path}`),
      "",
      `Sitemap: ${url.origin}/sitemap.xml`,
      "",
    ].join("\n"),
    { headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "public, max-age=86400" } },
  );
