import { counts, type Exceptions, keptForward, notImported } from "./not-imported.ts";

const cells = (list: Exceptions, how: string) =>
  Object.values(list).map(({ reason, cases }) => {
    const names = cases.map((name) => `\`${name.replace(/^\w+\//, "")}\``);
    return `| ${names.join(", ")} | ${how} | ${reason} |`;
  });

/** The cases of ONNX's test data that are not imported with derivatives, and why, in Markdown. */
export function exceptionsTable(): string {
  return [
    "| Test cases | Import | Reason |",
    "|---|---|---|",
    ...cells(keptForward, "with `keepForward`"),
    ...cells(notImported, "refused"),
  ].join("\n");
}

/** A sentence with the counts. */
export function countsSentence(): string {
  const number = (n: number) => n.toLocaleString("en-US");
  const all = counts.passed + counts.forward + counts.failed;
  return `Of the ${number(all)} test cases of ONNX that ONNX Runtime passes with numbers and booleans, ${number(counts.passed)} pass through import and export, ${counts.forward} more with \`keepForward\`, and ${counts.failed} are refused.`;
}
