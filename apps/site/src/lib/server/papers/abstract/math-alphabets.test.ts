import { expect, test } from "vitest";
import { formulaHtml } from "./html.ts";

/** Unicode's own compatibility decomposition gives the plain letter again, and its character names are distinct. */
const plain = (text: string) => text.normalize("NFKD");
const shown = (tex: string) => formulaHtml(tex).replace(/<[^>]+>/g, "");

test.each([
  ["\\mathbb{R}^d", "ℝd"],
  ["\\mathbb{CHNPQZEk1}", "ℂℍℕℙℚℤ𝔼𝕜𝟙"],
  ["\\mathcal{O}(n)", "𝒪(n)"],
  ["\\mathscr{LFB}", "ℒℱℬ"],
  ["\\mathbf{x}_{12} + \\mathbf{E}", "𝐱12+𝐄"],
  ["\\boldsymbol{\\theta}", "𝜽"],
  ["\\mathbf{\\Gamma}", "𝚪"],
  ["\\mathfrak{g}\\mathfrak{H}", "𝔤ℌ"],
  ["\\mathsf{A}\\mathtt{b2}", "𝖠𝚋𝟸"],
  ["\\textbf{if } x", "𝐢𝐟 x"],
])("%s reads %s", (tex, text) => {
  expect(shown(tex).replaceAll("\u00a0", " ")).toBe(text);
});

test("every letter of every alphabet has the letter itself as its compatibility decomposition", () => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (const command of [
    "mathbb",
    "mathcal",
    "mathscr",
    "mathfrak",
    "mathbf",
    "mathsf",
    "mathtt",
    "boldsymbol",
  ])
    for (const letter of letters) {
      const text = shown(`\\${command}{${letter}}`);
      expect([command, letter, plain(text)]).toEqual([command, letter, letter]);
      expect(text).not.toBe(letter);
    }
});

test("upright and italic letters stay as they are", () => {
  expect(formulaHtml("\\mathrm{d}x")).toContain('<mi mathvariant="normal">d</mi><mi>x</mi>');
  expect(formulaHtml("\\operatorname{argmin}")).toContain('<mi mathvariant="normal">argmin</mi>');
});
