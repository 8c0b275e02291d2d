/** Combining characters of the accent commands that take a symbol or a letter as their name. */
export const accents: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '"': "\u0308",
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    u: "\u0306",
    v: "\u030c",
    H: "\u030b",
    c: "\u0327",
    d: "\u0323",
    b: "\u0331",
    k: "\u0328",
    r: "\u030a",
  }),
);

/** Letters that have a command of their own. */
export const letters: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ss: "ß",
    o: "ø",
    O: "Ø",
    l: "ł",
    L: "Ł",
    ae: "æ",
    AE: "Æ",
    oe: "œ",
    OE: "Œ",
    aa: "å",
    AA: "Å",
    i: "ı",
    j: "ȷ",
  }),
);
