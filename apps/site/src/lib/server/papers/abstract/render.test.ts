import fc from "fast-check";
import { describe, expect, test } from "vitest";
import seed from "../seed/seed-papers.json" with { type: "json" };
import { isAllowedHtml } from "./allow-list.ts";
import { EXCERPT_LENGTH } from "./excerpt.ts";
import { abstractFormulas, LONGEST_ABSTRACT, renderAbstract } from "./render.ts";

const rendered = new Map(seed.map((paper) => [paper.order, renderAbstract(paper.abstract, "flattened")]));

function abstractOf(order: number) {
  const found = rendered.get(order);
  if (!found) throw new Error(`no seed paper ${order}`);
  return found;
}

/** What is read when the markup is taken away. */
const bare = (html: string) =>
  html
    .replace(/<[^>]+>/g, "")
    .replaceAll("&gt;", ">")
    .replaceAll("&#39;", "'");

test("an abstract has as many formulas in TeX as in its HTML, in the same order", () => {
  for (const paper of seed) {
    const shown = abstractOf(paper.order).html.match(/<math|<code/g) ?? [];
    expect(abstractFormulas(paper.abstract, "flattened")).toHaveLength(shown.length);
  }
  expect(abstractFormulas("\\emph{$a^2$ and} \\(b\\), 5 \\$", "source")).toEqual(["a^2", "b"]);
  expect(abstractFormulas("$x$ ".repeat(201), "source")).toEqual([]);
});

describe("the seed's abstracts, as the specification says they must read", () => {
  test.each([
    [1, "functions with Hölder-continuous Hessians"],
    [3, "partial differential equations"],
    [5, "completely novel. %For stochastic second-order methods and adaptive methods"],
    [8, "L² difference between an input and the system matrix times the network evaluation"],
    [12, "when the step size γ → ∞. Second"],
    [14, "the mixing criterion of (α, λ)-reduction to analyze"],
    [15, "the network function f_θ (which maps"],
    [16, "at a rate of O(1/K) for finding"],
    [18, "nonlocal partial differential equation"],
    [19, "through the lens of dynamical stability (Wu et al., 2018)"],
    [19, "less than or equal to 2/η, where η denotes the learning rate"],
    [20, "penalty formulation with σ = O(ε)."],
    [20, "O(ε⁻³) and O(ε⁻⁷) accesses"],
    [20, "penalty parameter σ > 0. In particular"],
    [20, "must be O(σ)-close"],
    [20, "an ε-stationary solution"],
    [20, "a fully single-loop manner"],
  ])("paper %i in plain text: %s", (order, text) => {
    expect(abstractOf(order).text).toContain(text);
  });

  test("paper 3: scripts and the ellipsis", () => {
    expect(abstractOf(3).text.replace(/\s/g, "")).toContain("xᵢ,i=1,…,m(branchnet)");
    expect(abstractOf(3).html).toContain("<msub><mi>x</mi><mi>i</mi></msub>");
    expect(bare(abstractOf(3).html)).toContain("i=1,…,m (branch net)");
  });

  test.each([
    [1, "Hölder-continuous"],
    [3, "partial differential equations"],
    [5, "%For stochastic"],
    [8, "system matrix times the network evaluation"],
    [8, "<msup><mi>L</mi><mn>2</mn></msup>"],
    [12, '<mi>γ</mi><mo>→</mo><mi mathvariant="normal">∞</mi>'],
    [
      14,
      '<mi>α</mi><mo separator="true">,</mo><mi>λ</mi><mo stretchy="false">)</mo></mrow></math>-reduction',
    ],
    [14, '<a href="https://github.com/LPD-EPFL/robust-collaborative-learning" rel="nofollow noopener">'],
    [15, "<msub><mi>f</mi><mi>θ</mi></msub>"],
    [16, "a rate of O(1/K) for"],
    [18, "nonlocal partial differential equation"],
    [19, '<mn>2</mn><mi mathvariant="normal">/</mi><mi>η</mi>'],
    [19, "<em>dynamical stability</em> (Wu"],
    [19, "<em>equivalence</em>"],
    [20, "<mi>σ</mi><mo>=</mo><mi>O</mi>"],
    [20, "<msup><mi>ε</mi><mrow><mo>−</mo><mn>3</mn></mrow></msup>"],
    [20, "<em>single-loop</em>"],
  ])("paper %i in HTML: %s", (order, html) => {
    expect(abstractOf(order).html).toContain(html);
  });

  test("papers 2, 4, 6, 7, 9, 10, 11, 13, 17 and 21 have no formula and are unchanged", () => {
    for (const paper of seed.filter(({ order }) => [2, 4, 6, 7, 9, 10, 11, 13, 17, 21].includes(order))) {
      expect(abstractOf(paper.order).text).toBe(paper.abstract);
      expect(abstractOf(paper.order).html).not.toContain("<");
    }
  });

  test("no plain text keeps a backslash, a brace pair or a dollar sign; all HTML is allowed", () => {
    for (const { text, html, excerptHtml } of rendered.values()) {
      expect(text).not.toMatch(/[\\$]|\{[^}]*\}/);
      expect(isAllowedHtml(html)).toBe(true);
      expect(isAllowedHtml(excerptHtml)).toBe(true);
      expect(html).not.toContain("<code>");
    }
  });

  test("excerpts are beginnings of the abstract, cut between words", () => {
    for (const { text, html, excerptHtml } of rendered.values()) {
      const cut = excerptHtml.replace(/…$/, "");
      expect(html.startsWith(cut)).toBe(true);
      expect(html.slice(cut.length)).toMatch(/^[\s,;:.(–—-]/);
      expect(bare(excerptHtml).length).toBeLessThanOrEqual(EXCERPT_LENGTH + 1);
      expect(bare(excerptHtml).length).toBeGreaterThan(Math.min(text.length, EXCERPT_LENGTH - 40));
    }
  });
});

describe("flattened text", () => {
  const text = (raw: string) => renderAbstract(raw, "flattened").text;
  test.each([
    ["alpha particles and the beta release", "alpha particles and the beta release"],
    ["sum over times in a partial order", "sum over times in a partial order"],
    ["we let beta = 2 and then beta decays", "we let β = 2 and then β decays"],
    ["as sigma to 0", "as σ → 0"],
    ["from alpha to beta testing", "from alpha to beta testing"],
    ["from alpha to beta, where beta > 1", "from α → β, where β > 1"],
    ["a delta function to infinity", "a delta function to infinity"],
    ["epsilon-greedy", "ε-greedy"],
    ["snake_case and my_variable_name", "snake_case and my_variable_name"],
    ["x^{2M+1} grows", "x^(2M+1) grows"],
    ["x^{12} grows", "x¹² grows"],
    ["O(epsilon^{-2} + lambda) steps", "O(ε⁻²+ λ) steps"],
    ["lambda_max", "λ_max"],
    ["rate gamma=0.1", "rate γ = 0.1"],
    ["dots and more dots, of course", "dots and more dots, of course"],
    ["Pi-shaped Gamma functions", "Pi-shaped Gamma functions"],
  ])("%j reads %j", (raw, wanted) => {
    expect(text(raw).replace(/\s+/g, "")).toBe(wanted.replace(/\s+/g, ""));
  });
});

test.each([
  "a \\quad b",
  "f\\colon X",
  "\\mbox{if } x",
  "\\norm{x}",
  "\\mathbbm{1}",
  "\\nicefrac{1}{2}",
  "x \\label{eq:1}",
])("%s is a formula in MathML", (tex) => expect(renderAbstract(`$${tex}$`, "source").html).toMatch(/^<math/));

describe("source text", () => {
  const render = (raw: string) => renderAbstract(raw, "source");
  test.each([
    ["rate $O(1/\\sqrt{T})$ holds", "rate O(1/√T) holds"],
    ["for $x \\in \\mathbb{R}^n$ and \\(y_1\\)", "for x ∈ ℝⁿ and y₁"],
    ["costs 5$ only", "costs 5$ only"],
    ["100\\% of \\$5", "100% of $5"],
    ["a--b---c ``quoted''", "a–b—c “quoted”"],
    ["$$\\frac{a+b}{c} \\le \\hat{x}$$", "(a+b)/c ≤ x̂"],
    [
      "Poincar\\'e, Erd\\H{o}s, na\\\"{\\i}ve, \\v{C}ech, \\L ojasiewicz, Stra\\ss e",
      "Poincaré, Erdős, naïve, Čech, Łojasiewicz, Straße",
    ],
    ["gamma to infty", "gamma to infty"],
    ["$O(\\log n)$, $n\\log n$, $2\\log_2(n)$, $\\argmin_x f$", "O(log n), n log n, 2 log₂(n), argminₓ f"],
    ["$\\operatorname{prox}_{\\gamma} f$ and $\\mathrm{rank}(A)$", "proxᵧ f and rank(A)"],
    ["$f\\colon X \\to Y$, $A \\succeq \\mu I$, $a \\not\\subset b$", "f: X → Y, A ⪰ μI, a ⊄ b"],
    ["$\\lVert x \\rVert_2$, $\\norm{x}$, $\\abs{y}$", "‖x ‖₂, ‖x‖, |y|"],
    ["$\\cal O(n)$, $ {\\bf x}$, $x^\\top y$, 30$^\\circ$, $x^*$", "O(n), x, xᵀy, 30°, x*"],
    ["$\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}$", "(a, b; c, d)"],
    ["$f = \\begin{cases} 1 & x > 0 \\\\ 0 & \\text{else} \\end{cases}$", "f = {1, x > 0; 0, else}"],
    ["$\\begin{aligned} a &= b \\\\ c &= d \\\\ \\end{aligned}$", "a = b; c = d"],
    ["{\\sc Lasso}, {\\tt code}, 100\\,000, \\copyright, \\dag", "Lasso, code, 100\u2009000, ©, †"],
    ["a method\\footnote{See below.} of old", "a method (See below.) of old"],
    ["~10 times, (~5), Eq.~1", "~10 times, (~5), Eq.\u00a01"],
    ["from $5 to $10, and $5$ to $10$", "from $5 to $10, and 5 to 10"],
    ["\\emph{a \\textbf{b} c}", "a b c"],
    ["line one\n line two", "line one line two"],
    ["see \\url{https://example.org/a\\_b} or \\url{a b}", "see https://example.org/a_b or a b"],
    ["\\href{https://example.org/x}{our \\emph{code}}.", "our code (https://example.org/x)."],
    ["as in \\cite{foo2020,bar} and \\eqref{eq:1}", "as in [foo2020,bar] and [eq:1]"],
    ["\\begin{itemize} \\item one \\item two \\end{itemize} end", "• one • two end"],
    ["\\alpha-stable, \\sim 3 \\times faster, CO\\textsubscript{2}", "α-stable, ∼ 3 × faster, CO₂"],
    ["\\nosuch and \\url and \\cite", "\\nosuch and \\url and \\cite"],
  ])("%j reads %j", (raw, wanted) => {
    expect(render(raw).text).toBe(wanted);
  });
  test("formulas become MathML, display formulas say so, and what cannot be read is shown as TeX", () => {
    expect(render("$x$").html).toBe(
      '<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow><mi>x</mi></mrow></math>',
    );
    expect(render("$$x$$").html).toContain('display="block"');
    expect(render("$\\frac{x$").html).toBe("<code>\\frac{x</code>");
    expect(render("$\\href{javascript:alert(1)}{y}$").html).toMatch(/^<code>/);
    expect(render(`$${"x".repeat(2001)}$`).html).toMatch(/^<code>/);
  });
  test("markup in the text is text", () => {
    expect(render('<script>alert(1)</script> & "<b>"').html).toBe(
      "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;&lt;b&gt;&quot;",
    );
  });
  test("an abstract of more than 10,000 characters stays raw", () => {
    const formula = `$${"x".repeat(1998)}$`;
    const longest = formula.repeat(LONGEST_ABSTRACT / formula.length);
    expect(render(longest).html).toContain("<math");
    expect(render(`${longest} `).html).toBe(`${longest} `);
    expect(render(`${longest} `).text).toBe(`${longest} `);
  });
  test("groups and declarations may be nested without end, closed or not", () => {
    const many = 9000;
    for (const raw of [
      `${"{".repeat(many / 2)}x${"}".repeat(many / 2)}`,
      "{".repeat(many),
      "\\em ".repeat(many / 2),
      "\\emph{".repeat(many / 4) + "}".repeat(many / 4),
      "\\(".repeat(many / 2),
    ])
      for (const kind of ["source", "flattened"] as const) {
        const { html, excerptHtml } = renderAbstract(raw, kind);
        expect(isAllowedHtml(html)).toBe(true);
        expect(isAllowedHtml(excerptHtml)).toBe(true);
      }
    expect(render("{a {b} {\\em c {d}} e").text).toBe("{a b c d e");
  });
  test("an abstract with more than 200 formulas stays raw", () => {
    const raw = "$x$ ".repeat(201).trim();
    expect(render(raw).html).toBe(raw);
    expect(render("$x$ ".repeat(200)).html).toContain("<math");
  });
});

test("whatever the text, the HTML stays within the allow-list", () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      "<",
      "</math>",
      "<img src=x onerror=y>",
      "$",
      "$$",
      "\\(",
      "\\)",
      "{",
      "}",
      "\\em ",
      "{\\it ",
      "\\emph{",
      "\\frac{1}{",
      "\\color{red}",
      "\\htmlStyle{color:red}{x}",
      "\\url{https://x}",
      "\\url{javascript:x}",
      "\\href{https://x}{",
      "\\cite{",
      "\\begin{",
      "\\alpha",
      "https://example.org/a_b?c=d&e",
      "x_i",
      "^{-3}",
      "epsilon",
      ",dots,",
      "gamma to ",
      '\\"o',
      "&lt;",
      " ",
    ),
  );
  const abstract = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(abstract, fc.constantFrom("source" as const, "flattened" as const), (raw, kind) => {
      const { html, excerptHtml } = renderAbstract(raw, kind);
      return (
        isAllowedHtml(html) &&
        isAllowedHtml(excerptHtml) &&
        !/<(?:script|img|style)|<[^>]*\s(?:style|on\w+)=/i.test(html)
      );
    }),
    { numRuns: 5000, seed: 7 },
  );
});

describe("the allow-list", () => {
  test.each([
    "<em>x</em>",
    '<a href="https://arxiv.org/abs/1" rel="nofollow noopener">x</a>',
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>',
    "a &lt; b<br>c",
  ])("lets %j pass", (html) => expect(isAllowedHtml(html)).toBe(true));
  test.each([
    "<script>x</script>",
    '<em style="color:red">x</em>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="https://x" onclick="y">x</a>',
    '<math><mi class="a">x</mi></math>',
    "<em>x",
    "<em><strong>x</em></strong>",
    "x</em>",
    "<img>",
    "a < b",
    "<!-- x -->",
    "<em\u00a0>",
  ])("stops %j", (html) => expect(isAllowedHtml(html)).toBe(false));
});
