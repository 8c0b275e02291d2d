import { escapeHtml, type Html, html } from "./markup.ts";
import { style } from "./style.ts";

/** An instant as people read it. */
export function formatDateTime(instant: string): Html {
  const text = new Date(instant).toLocaleString("en-GB", {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: "UTC",
  });
  return html`<time datetime="${instant}">${text} UTC</time>`;
}

/** A self-contained page without scripts. */
export function htmlPage(title: string, version: string, body: Html): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="generator" content="gradus ${escapeHtml(version)}">
<title>${escapeHtml(title)} – gradus report</title>
<style>
${style}
</style>
</head>
<body>
${body.text}
</body>
</html>
`;
}
