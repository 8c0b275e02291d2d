import { headingOf } from "#lib/error-words.ts";
import { escaped } from "../mail/html.ts";

/** What a page says in place of an answer. */
export interface ErrorPage {
  readonly status: number;
  readonly message: string;
  /** HTML that follows the message. */
  readonly content?: string;
}

/** Whether a request comes from a browser that wants a page. */
export function wantsPage(accept: string | null | undefined): boolean {
  return accept?.includes("text/html") ?? false;
}

/** A page that needs neither the database nor scripts. */
export function errorPage({ status, message, content = "" }: ErrorPage): string {
  const heading = headingOf(status);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <title>${escaped(heading)} · gradus</title>
    <link rel="icon" href="/favicon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/error.css">
  </head>
  <body>
    <main>
      <p class="brand"><a href="/papers"><img src="/favicon.svg" alt="" width="24" height="24">gradus</a></p>
      <p class="status">${status}</p>
      <h1>${escaped(heading)}</h1>
      <p>${escaped(message)}</p>${content}
      <p><a href="/papers">Go to daily papers</a></p>
    </main>
  </body>
</html>
`;
}
