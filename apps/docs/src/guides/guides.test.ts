import { expect, test } from "vitest";
import { renderGuide } from "./guides.ts";

const addresses = {
  of: () => undefined,
  named: (name: string) => (name === "solve" ? "/docs/solve" : undefined),
};
const guide = (body: string) =>
  renderGuide("slug", `# A \`title\`\n\nThe *lead*\nof it.\n\n${body}`, addresses);

test("title, lead and sections are read off; the title is not repeated in the text", () => {
  const { title, lead, headings, body } = guide("## One & two\n\nWords.\n\n### Deeper\n\n## Last\n");
  expect({ title, lead, headings }).toEqual({
    title: "A title",
    lead: "The lead of it.",
    headings: [
      { anchor: "one-two", title: "One & two" },
      { anchor: "last", title: "Last" },
    ],
  });
  expect(body).not.toContain("<h1");
  expect(body).toContain('<h2 id="one-two"><a href="#one-two">One &amp; two</a></h2>');
  expect(body).toMatch(/^<p>The <em>lead<\/em>/);
});

test("a summary keeps code and links, and apostrophes are printed ones outside of code", () => {
  const { lead, summary, body } = renderGuide(
    "slug",
    "# A\n\nWhat `solve` does, [here](other.md#it's): a paper's `'x'`.\n\nIt's <all>.\n",
    addresses,
  );
  expect(lead).toBe("What solve does, here: a paper’s 'x'.");
  expect(summary).toBe(
    'What <a href="/docs/solve"><code>solve</code></a> does, <a href="/docs/guides/other#it&#39;s">here</a>: a paper’s <code>&#39;x&#39;</code>.',
  );
  expect(body).toContain("<p>It’s");
});

test("a text right below a program is what it prints", () => {
  const { body } = guide("```ts\nconst a = 1 < 2;\n```\n\n```text\n<b>\n```\n\n```text\nalone\n```\n");
  expect(body).toContain(
    '<span class="hljs-keyword">const</span> a = <span class="hljs-number">1</span> &lt;',
  );
  expect(body.match(/class="printed"/g)).toHaveLength(1);
  expect(body).toContain("<code>&lt;b&gt;</code>");
});

test("links between guides lead to their pages, code that names a symbol to it", () => {
  const { body } = guide(
    "See [that](other-guide.md#part), [there](https://example.org/) and `solve` or `a<b`.\n",
  );
  expect(body).toContain('<a href="/docs/guides/other-guide#part">that</a>');
  expect(body).toContain('<a href="https://example.org/">there</a>');
  expect(body).toContain('<a href="/docs/solve"><code>solve</code></a>');
  expect(body).toContain("<code>a&lt;b</code>");
});

test("a guide without a title is refused by name", () => {
  expect(() => renderGuide("odd", "Just words.\n", addresses)).toThrow("docs/odd.md");
});
