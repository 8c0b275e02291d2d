import { escaped } from "../mail/html.ts";

/** What a page says in place of an answer. */
export interface ErrorPage {
  readonly status: number;
  readonly heading: string;
  readonly message: string;
  /** HTML that follows the message. */
  readonly content?: string;
}

/** What went wrong, in a few words, by status. */
const HEADINGS: Readonly<Record<number, string>> = {
  403: "Request refused",
  404: "Page not found",
  414: "URL too long",
  429: "Too many requests",
  503: "Temporarily unavailable",
};

/** Of a status; of one that no page of its own is known for, that something went wrong. */
export function headingOf(status: number): string {
  return HEADINGS[status] ?? "Something went wrong";
}

/** Whether a request comes from a browser that wants a page. */
export function wantsPage(accept: string | null | undefined): boolean {
  return accept?.includes("text/html") ?? false;
}

/** A page that needs neither the database nor scripts. */
export function errorPage({ status, heading, message, content = "" }: ErrorPage): string {
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
      <p>${status}</p>
      <h1>${escaped(heading)}</h1>
      <p>${escaped(message)}</p>${content}
      <p><a href="/papers">Go to daily papers</a></p>
    </main>
  </body>
</html>
`;
}
