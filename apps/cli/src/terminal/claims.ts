import {
  type ClaimVerdict,
  formatCondition,
  formatFigure,
  type Paper,
  typicalCheck,
  type Verdict,
  verdictMarks,
} from "@gradus/papers";
import { formatNumber } from "../experiments/select.ts";
import type { Palette } from "./color.ts";
import { type Cell, layoutRows, type TableColumn } from "./table.ts";
import { displayWidth, paragraph, wrap } from "./text.ts";

/** The verdicts on a paper's claims, in its order. */
export interface PaperVerdicts {
  readonly paper: Pick<Paper, "slug" | "number" | "title" | "claims">;
  readonly verdicts: readonly ClaimVerdict[];
}

const columns: readonly TableColumn[] = [
  { header: "claim", wraps: false },
  { header: "what was measured" },
  { header: "measured", align: "right", wraps: false },
  { header: "must be", wraps: false },
  { header: "verdict", wraps: false },
];

/** A row of marks, one a claim. */
function claimMarks(verdicts: readonly ClaimVerdict[], palette: Palette): string {
  return verdicts.map(({ verdict }) => palette.verdict(verdict, verdictMarks[verdict])).join(" ");
}

/** The marks in words: `2 held, 1 did not hold, 1 not run`. */
export function countVerdicts(verdicts: readonly ClaimVerdict[]): string {
  const kinds: readonly Verdict[] = ["held", "mixed", "did not hold", "inconclusive", "not run"];
  return kinds
    .map((kind) => [verdicts.filter(({ verdict }) => verdict === kind).length, kind] as const)
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${count} ${kind}`)
    .join(", ");
}

/** The row of marks with its words beside it, or below where there is no room. */
export function claimSummary(verdicts: readonly ClaimVerdict[], width: number, palette: Palette): string[] {
  const marks = claimMarks(verdicts, palette);
  const words = countVerdicts(verdicts);
  const fits = displayWidth(marks) + 2 + displayWidth(words) <= width;
  return fits ? [`${marks}  ${words}`] : [marks, ...wrap(words, width)];
}

function verdictCell(verdict: Verdict, palette: Palette): Cell {
  return { text: `${verdictMarks[verdict]} ${verdict}`, style: (text) => palette.verdict(verdict, text) };
}

/** For each claim a row with its verdict, then a row for each check that it rests on. */
function claimRows({ paper, verdicts }: PaperVerdicts, palette: Palette): Cell[][] {
  const empty: Cell = { text: "" };
  return verdicts.flatMap(({ claim, verdict, checks }) => {
    const short = paper.claims.find(({ id }) => id === claim)?.short ?? "";
    return [
      [
        { text: claim, style: palette.strong },
        { text: short, style: palette.strong },
        empty,
        empty,
        verdictCell(verdict, palette),
      ],
      ...checks
        .map(typicalCheck)
        .map((check) => [
          empty,
          { text: check.label },
          { text: formatFigure(check.measured) },
          { text: formatCondition(check.condition) },
          verdictCell(check.held ? "held" : "did not hold", palette),
        ]),
    ];
  });
}

/** The claims of papers as a table with the papers as headings, each with its row of marks. */
export function claimTable(papers: readonly PaperVerdicts[], width: number, palette: Palette): string[] {
  const rows = papers.map((paper) => claimRows(paper, palette));
  const { header, rows: lines } = layoutRows(columns, rows.flat(), { width, header: palette.muted });
  let taken = 0;
  return papers.flatMap(({ paper, verdicts }, i) => {
    const own = lines.slice(taken, taken + rows[i].length).flat();
    taken += rows[i].length;
    return [
      ...(i === 0 ? [] : [""]),
      ...paragraph(paper.title, width, `${formatNumber(paper)}  `).map(palette.strong),
      ...claimSummary(verdicts, width, palette),
      "",
      ...header,
      ...own,
    ];
  });
}
