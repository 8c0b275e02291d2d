/** Where an alphabet of mathematics begins in Unicode, for capital letters, small ones, digits and Greek. */
interface Alphabet {
  readonly capital: number;
  readonly small: number;
  readonly digit?: number;
  readonly greekCapital?: number;
  readonly greekSmall?: number;
  /** Letters that Unicode had before the block of alphabets: a letter and its form. */
  readonly earlier?: string;
}

const ALPHABETS: Readonly<Record<string, Alphabet>> = {
  bold: {
    ...{ capital: 0x1d400, small: 0x1d41a, digit: 0x1d7ce, greekCapital: 0x1d6a8, greekSmall: 0x1d6c2 },
  },
  "bold-italic": { capital: 0x1d468, small: 0x1d482, greekCapital: 0x1d71c, greekSmall: 0x1d736 },
  script: { capital: 0x1d49c, small: 0x1d4b6, earlier: "BℬEℰFℱHℋIℐLℒMℳRℛeℯgℊoℴ" },
  "bold-script": { capital: 0x1d4d0, small: 0x1d4ea },
  fraktur: { capital: 0x1d504, small: 0x1d51e, earlier: "CℭHℌIℑRℜZℨ" },
  "bold-fraktur": { capital: 0x1d56c, small: 0x1d586 },
  "double-struck": { capital: 0x1d538, small: 0x1d552, digit: 0x1d7d8, earlier: "CℂHℍNℕPℙQℚRℝZℤ" },
  "sans-serif": { capital: 0x1d5a0, small: 0x1d5ba, digit: 0x1d7e2 },
  "bold-sans-serif": {
    ...{ capital: 0x1d5d4, small: 0x1d5ee, digit: 0x1d7ec, greekCapital: 0x1d756, greekSmall: 0x1d770 },
  },
  "sans-serif-italic": { capital: 0x1d608, small: 0x1d622 },
  "sans-serif-bold-italic": { capital: 0x1d63c, small: 0x1d656, greekCapital: 0x1d790, greekSmall: 0x1d7aa },
  monospace: { capital: 0x1d670, small: 0x1d68a, digit: 0x1d7f6 },
};

/** A letter or digit in an alphabet; what it does not have stays as it is. */
function inAlphabet(
  character: string,
  { capital, small, digit, greekCapital, greekSmall, earlier = "" }: Alphabet,
): string {
  const known = earlier.indexOf(character);
  if (known >= 0) return earlier[known + 1];
  const place = (first: string, last: string, begin: number | undefined) =>
    begin !== undefined && character >= first && character <= last
      ? String.fromCodePoint(begin + character.charCodeAt(0) - first.charCodeAt(0))
      : undefined;
  return (
    place("A", "Z", capital) ??
    place("a", "z", small) ??
    place("0", "9", digit) ??
    place("Α", "Ω", greekCapital) ??
    place("α", "ω", greekSmall) ??
    character
  );
}

/**
 * MathML whose letters are written in the alphabets that `mathvariant` names: of its values MathML Core, and so Chromium,
 * only has `normal`, and showed the real numbers as an italic R.
 *
 * Source: MathML Core, section 2.1.3.3; Unicode, "Mathematical Alphanumeric Symbols".
 */
export function withAlphabets(mathml: string): string {
  return mathml.replace(
    /<(m[inos]|mtext) mathvariant="([a-z-]+)"([^<>]*)>([^<>&]*)<\//g,
    (all, element: string, variant: string, attributes: string, text: string) => {
      const alphabet = Object.hasOwn(ALPHABETS, variant) ? ALPHABETS[variant] : undefined;
      if (!alphabet) return all;
      const letters = [...text].map((character) => inAlphabet(character, alphabet)).join("");
      return `<${element}${attributes}>${letters}</`;
    },
  );
}
