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

/** Of a line between parts: mail programs drop colors with an opacity, and the line with them. */
export const RULE = "border:0;border-top:1px solid #888888;margin:24px 0";

/**
 * A message in HTML: one column, whose colors are the reader's; only sizes, spaces and lines are set. `title` is text, the
 * parts are HTML. `preview` is what lists of messages show after the subject, where it is not the first part.
 */
export function mailHtml(title: string, parts: readonly string[], preview?: string): string {
  const hidden = "display:none;max-height:0;overflow:hidden;mso-hide:all";
  return [
    `<!doctype html>`,
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<meta name="color-scheme" content="light dark"><title>${escaped(title)}</title></head>`,
    `<body style="margin:0;padding:16px">`,
    ...(preview ? [`<div style="${hidden}">${escaped(preview)}</div>`] : []),
    `<div style="max-width:640px;margin:0 auto;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;overflow-wrap:break-word">`,
    ...parts,
    `</div></body></html>`,
  ].join("\n");
}

/** A link that is what a message is for. */
export function mailButton(address: string, label: string): string {
  const style = "display:inline-block;padding:8px 20px;border:1px solid;border-radius:6px;font-weight:600";
  return `<p style="margin:24px 0"><a href="${escaped(address)}" style="${style}">${escaped(label)}</a></p>`;
}
