import { expect, test } from "vitest";
import { readableLine } from "./readable-line.ts";

test.each([
  ["$\\ell_1$-Regularization in $\\mathbb{R}^n$", "ℓ₁-Regularization in ℝⁿ"],
  ["Poincar\\'e Inequalities and $\\mathcal{O}(1/k^2)$ Rates", "Poincaré Inequalities and O(1/k²) Rates"],
  ["A Bound of $O(\\sqrt{d}/\\epsilon)$", "A Bound of O(√d/ε)"],
  ["``Quotes'' in Titles", "“Quotes” in Titles"],
  ["From $5 to nothing", "From $5 to nothing"],
  ["Costs of $5 -- and more", "Costs of $5 -- and more"],
  ["C_3 and {braces} ~ 100%", "C_3 and {braces} ~ 100%"],
  ["$".repeat(9), "$".repeat(9)],
])("%s reads %s", (title, text) => {
  expect(readableLine(title)).toBe(text);
});
