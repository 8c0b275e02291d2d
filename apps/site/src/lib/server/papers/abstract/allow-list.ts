const MATHML = new Set(
  (
    "math mrow mi mn mo ms mtext mspace msub msup msubsup munder mover munderover mfrac msqrt mroot mstyle mpadded " +
    "mphantom mtable mtr mtd menclose mmultiscripts mprescripts"
  ).split(" "),
);
const INLINE = new Set(["a", "br", "code", "em", "strong"]);
const MATHML_ATTRIBUTES = new Set(
  (
    "xmlns display mathvariant stretchy fence separator accent accentunder lspace rspace minsize maxsize symmetric " +
    "largeop movablelimits form width height depth voffset linethickness displaystyle scriptlevel columnalign " +
    "rowspacing columnspacing rowlines columnlines notation"
  ).split(" "),
);
const VOID = new Set(["br"]);
const LINK_ATTRIBUTES: Readonly<Record<string, RegExp>> = {
  href: /^https?:\/\/[^\s"'<>]+$/,
  rel: /^nofollow noopener$/,
};

function attributesAllowed(element: string, attributes: string): boolean {
  return [...attributes.matchAll(/([a-zA-Z-]+)="([^"]*)"/g)].every(([, name, value]) =>
    element === "a"
      ? Object.hasOwn(LINK_ATTRIBUTES, name) && LINK_ATTRIBUTES[name].test(value)
      : MATHML.has(element) && MATHML_ATTRIBUTES.has(name),
  );
}

/**
 * True when `html` holds nothing but text, MathML and five inline elements (`a`, `br`, `code`, `em`, `strong`), well
 * nested, with attributes from a fixed list: no style, no class, no handler, no address but http and https.
 */
export function isAllowedHtml(html: string): boolean {
  const open: string[] = [];
  const tag = /<(\/?)([a-z]+)((?:\s+[a-zA-Z-]+="[^"<>]*")*)\s*>/y;
  for (let at = html.indexOf("<"); at >= 0; at = html.indexOf("<", tag.lastIndex)) {
    tag.lastIndex = at;
    const match = tag.exec(html);
    if (!match) return false;
    const [, slash, element, attributes] = match;
    if (!MATHML.has(element) && !INLINE.has(element)) return false;
    if (slash) {
      if (attributes || open.pop() !== element) return false;
    } else {
      if (!attributesAllowed(element, attributes)) return false;
      if (!VOID.has(element)) open.push(element);
    }
  }
  return open.length === 0;
}
