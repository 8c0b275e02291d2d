import { expect, test } from "vitest";
import { markHtml } from "./mark.ts";

const words = new Set(["hessian", "hessians", "hölder", "éléments", "x", "math", "amp", "lt"]);
const isFound = (word: string) => words.has(word.toLowerCase());
const lexemes = ["hessian", "holder", "element", "x", "math", "amp", "lt"];

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
  expect(markHtml([html], lexemes, isFound)).toEqual([marked]);
});

test("only words that begin like a lexeme, or with a letter that may have lost its accent, are looked up", () => {
  const asked: string[] = [];
  markHtml(["Many models <m>move</m>; Éire, 3 Models"], ["model", "eir"], (word) => asked.push(word) < 0);
  expect(asked).toEqual(["Many", "models", "move", "Éire", "Models"]);
});
