/** Text as HTML shows it, in elements and in attributes. */
export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Of lines beside what a message is about. */
export const SMALL = "margin:4px 0;font-size:14px;opacity:0.8";

/**
 * A message in HTML: one column, whose colors are the reader's; only sizes, spaces and lines are set. `title` is text, the
 * parts are HTML.
 */
export function mailHtml(title: string, parts: readonly string[]): string {
  return [
    `<!doctype html>`,
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<meta name="color-scheme" content="light dark"><title>${escaped(title)}</title></head>`,
    `<body style="margin:0;padding:16px">`,
    `<div style="max-width:640px;margin:0 auto;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;overflow-wrap:break-word">`,
    ...parts,
    `</div></body></html>`,
  ].join("\n");
}

/** A link that is what a message is for. */
export function mailButton(address: string, label: string): string {
  const style =
    "display:inline-block;padding:8px 20px;border:1px solid currentcolor;border-radius:6px;font-weight:600";
  return `<p style="margin:24px 0"><a href="${escaped(address)}" style="${style}">${escaped(label)}</a></p>`;
}
