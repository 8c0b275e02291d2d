/** How soon to come back, in seconds. */
const RETRY_AFTER = "1";

/** An answer made without the routes: JSON for programs, a sentence for readers. */
export function refusal(
  { url }: { readonly url: URL },
  status: 403 | 503,
  code: string,
  message: string,
): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  if (status === 503) headers.set("retry-after", RETRY_AFTER);
  if (url.pathname.startsWith("/api/"))
    return Response.json({ error: { code, message } }, { status, headers });
  headers.set("content-type", "text/plain; charset=utf-8");
  return new Response(`${message}\n`, { status, headers });
}
