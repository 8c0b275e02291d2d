import fc from "fast-check";
import { expect, test } from "vitest";
import { candidateWords, type KnownWords, markWords } from "./mark.ts";

const lexemes = ["hessian", "holder", "element", "x", "math", "amp", "lt"];
const known: KnownWords = new Map([
  ["Hessian", ["hessian"]],
  ["hessian", ["hessian"]],
  ["Hessians", ["hessian"]],
  ["Hölder", ["holder"]],
  ["éléments", ["element"]],
  ...["x", "math", "amp", "lt"].map((word) => [word, [word]] as const),
  ["nothing", ["noth"]],
]);
const mark = async (html: string, wanted: readonly string[]) =>
  (await markWords([html], wanted, new Map(known), async (words) => words.map((word) => [word, []])))[0];

test.each([
  ["The Hessian of Hessians.", "The <mark>Hessian</mark> of <mark>Hessians</mark>."],
  ["<em>hessian</em>s", "<em><mark>hessian</mark></em>s"],
  ["a &amp; b &lt; c", "a &amp; b &lt; c"],
  ["<math><mi>x</mi></math> and x", "<math><mi>x</mi></math> and <mark>x</mark>"],
  ["nothing", "nothing"],
  ["Hessian-free", "<mark>Hessian</mark>-free"],
  ["“Hessian” (Hölder)", "“<mark>Hessian</mark>” (<mark>Hölder</mark>)"],
  ["éléments and bélx", "<mark>éléments</mark> and bélx"],
])("%s", async (html, marked) => {
  expect(await mark(html, lexemes)).toBe(marked);
  expect(await mark(html, ["noth"])).toBe(html.replace("nothing", "<mark>nothing</mark>"));
  expect(await mark(html, [])).toBe(html);
});

test("only words that begin like a lexeme, but for accents, are looked up, and once", async () => {
  const asked: string[] = [];
  const words: KnownWords = new Map();
  const markAll = (wanted: readonly string[]) =>
    markWords(
      ["Many models <m>move</m>; Éire, 3 Models", "möbius models"],
      wanted,
      words,
      async (unknown) => {
        asked.push(...unknown);
        return unknown.map((word) => [word, [word.toLowerCase()]]);
      },
    );
  expect(await markAll(["models"])).toEqual([
    "Many <mark>models</mark> <m>move</m>; Éire, 3 <mark>Models</mark>",
    "möbius <mark>models</mark>",
  ]);
  expect(asked).toEqual(["models", "move", "Éire", "Models", "möbius"]);
  await markAll(["models", "x-ray"]);
  expect(asked).toHaveLength(5);
});

test("what a lexeme has besides letters and digits is no part of the pattern", () => {
  const found = (lexeme: string, text: string) => text.match(candidateWords([lexeme])) ?? [];
  expect(found("-5", "-5 or 5")).toEqual([]);
  expect(found("3.14", "3.14 and 314 or 3")).toEqual(["3", "314", "3"]);
  expect(found("]x", "x]")).toEqual([]);
});

test("marks leave every text as it is without them", async () => {
  const text = fc.array(fc.constantFrom("x", "Hessian", "<b>", "&lt;", " ", "-", "é", "<math>x</math>"));
  await fc.assert(
    fc.asyncProperty(text, async (parts) => {
      const html = parts.join("");
      expect((await mark(html, lexemes)).replaceAll(/<\/?mark>/g, "")).toBe(html);
    }),
    { seed: 3 },
  );
});
