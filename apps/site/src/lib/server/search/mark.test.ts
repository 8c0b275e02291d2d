import fc from "fast-check";
import { expect, test } from "vitest";
import { learn, markWords, noWords, unknownWords } from "./mark.ts";

const lexemes = ["hessian", "holder", "element", "x", "math", "amp", "lt"];
const words = noWords();
for (const [word, lexeme] of [
  ["Hessian", "hessian"],
  ["hessian", "hessian"],
  ["Hessians", "hessian"],
  ["Hölder", "holder"],
  ["éléments", "element"],
  ...["x", "math", "amp", "lt"].map((word) => [word, word]),
])
  learn(word, [lexeme], words);
learn("nothing", ["noth"], words);

test.each([
  ["The Hessian of Hessians.", "The <mark>Hessian</mark> of <mark>Hessians</mark>."],
  ["<em>hessian</em>s", "<em><mark>hessian</mark></em>s"],
  ["a &amp; b &lt; c", "a &amp; b &lt; c"],
  ["<math><mi>x</mi></math> and x", "<math><mi>x</mi></math> and <mark>x</mark>"],
  ["nothing", "nothing"],
  ["Hessian-free", "<mark>Hessian</mark>-free"],
  ["“Hessian” (Hölder)", "“<mark>Hessian</mark>” (<mark>Hölder</mark>)"],
  ["éléments and bélx", "<mark>éléments</mark> and bélx"],
])("%s", (html, marked) => {
  expect(markWords([html], lexemes, words)).toEqual([marked]);
  expect(markWords([html], lexemes, words)).toEqual([marked]);
  expect(markWords([html], ["noth"], words)).toEqual([html.replace("nothing", "<mark>nothing</mark>")]);
});

test("only words that begin like a lexeme, or with a letter that may have lost its accent, are looked up", () => {
  const some = noWords();
  const html = ["Many models <m>move</m>; Éire, 3 Models", "many models"];
  expect(unknownWords(html, ["model", "eir"], some)).toEqual([
    "Many",
    "models",
    "move",
    "Éire",
    "Models",
    "many",
  ]);
  learn("models", ["model"], some);
  expect(unknownWords(html, ["model"], some)).toEqual(["Many", "move", "Éire", "Models", "many"]);
});

test("marks leave every text as it is without them", () => {
  const text = fc.array(fc.constantFrom("x", "Hessian", "<b>", "&lt;", " ", "-", "é", "<math>x</math>"));
  fc.assert(
    fc.property(text, (parts) => {
      const html = parts.join("");
      const [marked] = markWords([html], lexemes, words);
      expect(marked.replaceAll(/<\/?mark>/g, "")).toBe(html);
    }),
  );
});
