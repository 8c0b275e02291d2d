import { expect, test } from "vitest";
import { bibtex } from "../bibtex.ts";
import { isAllowedHtml } from "./allow-list.ts";
import { readableLine } from "./readable-line.ts";
import { renderAbstract } from "./render.ts";

/** What authors write into abstracts, and what a reader reads. */
const ABSTRACTS: readonly (readonly [source: string, text: string])[] = [
  ["The $\\ell_1$-norm and $\\|x\\|_2^2$", "The ℓ₁-norm and ‖x‖₂²"],
  ["\\emph{fast} and {\\it slow}, {\\itshape a} {\\bfseries b}", "fast and slow, a b"],
  ["H\\\"older, Erd\\H{o}s, Poincar\\'e, na\\\"{\\i}ve, \\'Etale", "Hölder, Erdős, Poincaré, naïve, Étale"],
  [
    "\\c{c} \\v{s} \\'{\\i} \\~n \\^{\\j} \\k{a} \\r a \\u{g} \\ss{} \\DJ \\TH \\dh",
    "ç š í ñ ĵ ą å ğ ß Đ Þ ð",
  ],
  ["Fig.~3 of~[2]", "Fig.\u00a03 of\u00a0[2]"],
  ["$$\\min_x f(x)$$ holds", "minₓ f(x) holds"],
  ["\\cite{a,b} and \\citep[see][p. 3]{c} and \\Citet{d}", "[a,b] and [c] and [d]"],
  ["\\ref{sec:1} \\eqref{e} \\autoref{x}\\label{z}.", "[sec:1] [e] [x]."],
  ["\\begin{itemize}\\item one \\item two\\end{itemize} end", "• one • two end"],
  ["\\begin{enumerate}[(i)] \\item[a)] x \\end{enumerate} y", "a) x y"],
  ["\\begin{align} x &= y \\\\ z &= w \\end{align} done", "x = y; z = w done"],
  ["by \\begin{equation*}\\label{e} x^2 \\end{equation*} we", "by x² we"],
  ["unbalanced $x^2 and", "unbalanced $x^2 and"],
  ["costs $5, not $10", "costs $5, not $10"],
  ["50\\% of 100\\$ \\& \\# \\_ \\{ \\}", "50% of 100$ & # _ { }"],
  ["50% of ~10 \\sim 20 \\times 3", "50% of ~10 ∼ 20 × 3"],
  ["at https://example.org/a_b/d__e?x=1&y=2.", "at https://example.org/a_b/d__e?x=1&y=2."],
  ["code: \\url{https://github.com/a_b/c\\_d}", "code: https://github.com/a_b/c_d"],
  ["\\href{https://a.example/c_d}{here}", "here (https://a.example/c_d)"],
  ["a < b & c > d", "a < b & c > d"],
  ["<script>alert(1)</script> &amp; &lt;b&gt;", "<script>alert(1)</script> &amp; &lt;b&gt;"],
  ["\\textbf{bold} \\texttt{code_x} \\textit {c}", "bold code_x c"],
  ["{\\tt code} {\\sc caps} {\\rm roman} {\\sf sans}", "code caps roman sans"],
  ["f' and f'' and ``one'' and ''two''", "f' and f″ and “one” and “two”"],
  ["\\textquotedblleft{}hi\\textquotedblright", "“hi”"],
  ["𝔼[X] ≤ ∑ᵢ xᵢ", "𝔼[X] ≤ ∑ᵢ xᵢ"],
  ["line one \\\\ line two", "line one line two"],
  ["\\mathbb{R}^d, \\mathcal{O}(n), \\sqrt{n}, \\ensuremath{x_1}", "ℝ^d, O(n), √n, x₁"],
  ["10\\textsuperscript{-3} of CO\\textsubscript{2}", "10⁻³ of CO₂"],
  ["\\textcolor{red}{x} and $\\color{red}y$", "x and y"],
  ["\\paragraph{Results.} \\noindent Good\\vspace{1cm}.", "Results. Good."],
  ["\\texorpdfstring{$\\ell_1$}{l1} paths", "ℓ₁ paths"],
  ["1\\quad 2\\qquad 3\\ 4\\,000", "1 2 3 4\u2009000"],
  ["$\\binom{n}{k}$ and $x \\overset{d}{\\to} y$", "(n choose k) and x →ᵈ y"],
  ["$\\underbrace{a+b}_{c}$ and $\\frac{\\phantom{a}b}{c}$", "a+b_c and b/c"],
  ["\\textit{unclosed and more", "unclosed and more"],
  ["our \\method{fast}{} beats \\name{}", "our fast beats name"],
  ["مرحبا by שלום", "مرحبا by שלום"],
  [`${"long ".repeat(900)}$x^2$`, `${"long ".repeat(900)}x²`],
  ["{\\em $x$ in \\textbf{y}}", "x in y"],
  ["{open and } shut }", "open and  shut }"],
];

test.each(ABSTRACTS)("%j reads %j", (source, text) => {
  expect(renderAbstract(source, "source").text).toBe(text);
});

/** Every piece of MathML or text that a reader sees, the entities read once. */
const seen = (html: string) =>
  html
    .replace(/<[^>]+>/g, " ")
    .replace(
      /&(lt|gt|quot|amp|#39);/g,
      (_, name) => ({ lt: "<", gt: ">", quot: '"', amp: "&" })[name as "lt"] ?? "'",
    );

test.each(ABSTRACTS)("the page has no command, no open element and no entity twice for %j", (source) => {
  const { html, excerptHtml } = renderAbstract(source, "source");
  for (const part of [html, excerptHtml]) {
    expect(isAllowedHtml(part)).toBe(true);
    expect(seen(part)).not.toMatch(/\\[a-zA-Z]/);
    expect(part).not.toMatch(/<code>/);
    if (!source.includes("&amp;")) expect(part).not.toMatch(/&amp;(?:amp|lt|gt|quot|#)/);
  }
});

test("a command of a formula that its authors defined is shown by its name", () => {
  const { html, text } = renderAbstract("$\\calL(\\theta) + \\reg$", "source");
  expect(html).toMatch(/^<math/);
  expect(text).toBe("calL(θ) + reg");
});

test.each(ABSTRACTS)("as a title, BibTeX has braces in pairs and no TeX of its own for %j", (source) => {
  const entry = bibtex({
    arxivId: "2611.00001",
    title: readableLine(source),
    authors: ["Ada Lovelace"],
    publishedAt: new Date("2026-11-01T00:00:00Z"),
    primaryCategory: "cs.LG",
  });
  const title = /title\s+= \{(.*)\},\n/.exec(entry)?.[1] ?? "";
  // Escaped braces do not count for TeX, but do for BibTeX, which knows no escapes.
  const depth = [...title.replace(/\\[{}]/g, "")].reduce(
    (at, c) => (at < 0 ? at : at + (c === "{" ? 1 : c === "}" ? -1 : 0)),
    0,
  );
  expect(depth).toBe(0);
  expect(title).not.toMatch(/\\textbackslash/);
});

test("commands that are called like properties of every object are not known for that", () => {
  const { text } = renderAbstract("\\constructor{x} and \\toString and $\\constructor{x}$", "source");
  expect(text).toBe("x and \\toString and constructor(x)");
});
