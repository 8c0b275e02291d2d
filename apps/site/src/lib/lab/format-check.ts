import { type Check, formatCondition, formatFigure } from "@gradus/papers";

const OPPOSITE: Readonly<Record<string, string>> = {
  "≤": ">",
  "≥": "<",
  "<": "≥",
  ">": "≤",
  "=": "≠",
  in: "not in",
};

/** A check as one short statement that is true: `21 ≤ 30` when it held, `2.9 > 2.5` when it did not. */
export function formatCheck({
  measured,
  condition,
  held,
}: Pick<Check, "measured" | "condition" | "held">): string {
  const figure = formatFigure(measured);
  const wanted = formatCondition(condition);
  if (held) return `${figure} ${wanted}`;
  if (Number.isNaN(measured)) return `not a number; must be ${wanted}`;
  const [operator, ...bounds] = wanted.split(" ");
  return `${figure} ${OPPOSITE[operator] ?? operator} ${bounds.join(" ")}`;
}
