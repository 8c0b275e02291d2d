/** Characters that XML 1.0 cannot hold, even escaped. */
const FORBIDDEN = /[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]/gu;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A piece of XML. */
export interface Xml {
  readonly xml: string;
}

/** Text as it stands in an element or in an attribute. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(FORBIDDEN, "")
    .replace(/[&<>"]/g, (c) => ENTITIES[c]);
}

/** An element with its attributes and its content: text, which is escaped, or other elements. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...content: readonly (string | Xml)[]
): Xml {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
    .join("");
  if (content.length === 0) return { xml: `<${name}${written}/>` };
  const nested = content.some((piece) => typeof piece !== "string");
  const inner = content
    .map((piece) => (typeof piece === "string" ? escapeXml(piece) : piece.xml))
    .join(nested ? "\n" : "");
  return { xml: `<${name}${written}>${nested ? `\n${inner}\n` : inner}</${name}>` };
}

/** A whole document. */
export function xmlDocument(root: Xml): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${root.xml}\n`;
}
