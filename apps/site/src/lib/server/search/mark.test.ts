import { expect, test } from "vitest";
import { markHtml } from "./mark.ts";

const words = new Set(["hessian", "hessians", "x", "math", "amp", "lt"]);
const isFound = (word: string) => words.has(word.toLowerCase());

test.each([
  ["The Hessian of Hessians.", "The <mark>Hessian</mark> of <mark>Hessians</mark>."],
  ["<em>hessian</em>s", "<em><mark>hessian</mark></em>s"],
  ["a &amp; b &lt; c", "a &amp; b &lt; c"],
  ["<math><mi>x</mi></math> and x", "<math><mi>x</mi></math> and <mark>x</mark>"],
  ["nothing", "nothing"],
  ["Hessian-free", "<mark>Hessian</mark>-free"],
])("%s", (html, marked) => {
  expect(markHtml(html, isFound)).toBe(marked);
});
