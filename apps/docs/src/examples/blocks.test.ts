import { expect, test } from "vitest";
import { examplesOf } from "./blocks.ts";

const document = `# Title

\`\`\`ts
console.log(1);
\`\`\`

\`\`\`text
1
\`\`\`

Words between a program and a text part them.

\`\`\`ts
const silent = 2;
\`\`\`

They do.

\`\`\`text
not printed by it
\`\`\`

\`\`\`sh
npm start
\`\`\`
`;

test("programs come with their place, and with what stands right below as their output", () => {
  expect(examplesOf("docs/a.md", document)).toEqual([
    { place: "docs/a.md:4", code: "console.log(1);\n", output: "1\n" },
    { place: "docs/a.md:14", code: "const silent = 2;\n" },
  ]);
});

test("a document without programs has none", () => {
  expect(examplesOf("docs/b.md", "# Title\n\nWords.\n")).toEqual([]);
});
