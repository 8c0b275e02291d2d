import type { CommentDisplayPart } from "typedoc";
import { expect, test } from "vitest";
import { commentHtml, firstSentence, inlineHtml } from "./comment.ts";

const addresses = {
  of: () => undefined,
  named: (name: string) => (name === "solve" ? "/docs/api/gradus/iterate#solve" : undefined),
};
const text = (content: string): CommentDisplayPart => ({ kind: "text", text: content });
const code = (content: string): CommentDisplayPart => ({ kind: "code", text: `\`${content}\`` });

test("a paragraph a block, formulas set apart, markup taken as text", () => {
  expect(commentHtml([text("Solves A x = b.\n\nNot for <script>.")], addresses)).toBe(
    '<p>Solves <span class="formula">A x = b</span>.</p><p>Not for &lt;script&gt;.</p>',
  );
});

test("lines that are indented stand as they are, broken only between formulas", () => {
  expect(commentHtml([text("One step\n\n    x = y,   z = w\n    a = b\n\nis cheap.")], addresses)).toBe(
    '<p>One step</p><pre class="formula"><span>x = y,</span>   <span>z = w</span>\n<span>a = b</span></pre><p>is cheap.</p>',
  );
});

test("lines that begin with a dash are a list", () => {
  expect(commentHtml([text("Either\n- one\n- or two\n  of them")], addresses)).toBe(
    "<p>Either</p><ul><li>one</li><li>or two\n  of them</li></ul>",
  );
});

test("a source is a paragraph of its own", () => {
  expect(commentHtml([text("A claim.\nSource: Someone 1999.")], addresses)).toBe(
    "<p>A claim.</p><p>Source: Someone 1999.</p>",
  );
});

test("code that names a symbol leads to it; other code does not", () => {
  expect(inlineHtml([code("solve"), text(" and "), code("a < b")], addresses)).toBe(
    '<a href="/docs/api/gradus/iterate#solve"><code>solve</code></a> and <code>a &lt; b</code>',
  );
});

test("a long name may be broken between its words, a short one and other code nowhere", () => {
  expect(inlineHtml([code("hessianVectorProduct()")], addresses)).toBe(
    "<code>hessian<wbr>Vector<wbr>Product()</code>",
  );
  for (const whole of ["minRes", "--trainHere=everyStep", "KernelSHAP"])
    expect(inlineHtml([code(whole)], addresses)).toBe(`<code>${whole}</code>`);
});

test.each([
  ["One thing. Another.", "One thing."],
  ["As in Adam et al. The rest follows. And more.", "As in Adam et al. The rest follows."],
  ["By equation (eq. 3) of the paper", "By equation (eq. 3) of the paper"],
  ["Over\ntwo lines.\n\nA second paragraph.", "Over two lines."],
])("the first sentence of %j", (content, sentence) => {
  expect(firstSentence([text(content)])).toBe(sentence);
});
