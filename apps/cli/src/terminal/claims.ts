import {
  type ClaimVerdict,
  checkVerdict,
  formatCondition,
  formatSpread,
  type Paper,
  type SeedCheck,
  type Verdict,
  verdictMarks,
  verdictText,
} from "@gradus/papers";
import { formatNumber } from "../experiments/select.ts";
import type { Palette } from "./color.ts";
import { type Cell, layoutRows, type TableColumn } from "./table.ts";
import { displayWidth, paragraph, wrap } from "./text.ts";

/** The verdicts on a paper's claims, in its order. */
export interface PaperVerdicts {
  readonly paper: Pick<Paper, "slug" | "number" | "title" | "claims">;
  readonly verdicts: readonly ClaimVerdict[];
  /** Checks that no claim rests on. */
  readonly ours: readonly SeedCheck[];
}

const columns: readonly TableColumn[] = [
  { header: "claim", wraps: false },
  { header: "what was measured" },
  { header: "measured", align: "right", wraps: false },
  { header: "wanted" },
  { header: "verdict", wraps: false },
];

/** A row of marks, one a claim. */
function claimMarks(verdicts: readonly ClaimVerdict[], palette: Palette): string {
  return verdicts.map(({ verdict }) => palette.verdict(verdict, verdictMarks[verdict])).join(" ");
}

/** Counts of verdicts: `2 held, 1 did not hold, 1 not run`. */
export function countVerdicts(verdicts: readonly ClaimVerdict[]): string {
  const kinds: readonly Verdict[] = ["held", "mixed", "did not hold", "inconclusive", "not run"];
  return kinds
    .map((kind) => [verdicts.filter(({ verdict }) => verdict === kind).length, kind] as const)
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${count} ${kind}`)
    .join(", ");
}

/** The row of marks with its words beside it, or below where there is no room. */
function claimSummary(verdicts: readonly ClaimVerdict[], width: number, palette: Palette): string[] {
  const marks = claimMarks(verdicts, palette);
  const words = countVerdicts(verdicts);
  const fits = displayWidth(marks) + 2 + displayWidth(words) <= width;
  return fits ? [`${marks}  ${words}`] : [marks, ...wrap(words, width)];
}

function verdictCell(verdict: Verdict, text: string, palette: Palette): Cell {
  return { text: `${verdictMarks[verdict]} ${text}`, style: (line) => palette.verdict(verdict, line) };
}

function checkRow(check: SeedCheck, palette: Palette): Cell[] {
  const { label, condition, ground, held, seeds } = check;
  const outcome = checkVerdict(check);
  const share = seeds.length > 1 ? `${held} of ${seeds.length}` : outcome;
  return [
    { text: "" },
    { text: label },
    { text: formatSpread(check) },
    { text: `${formatCondition(condition)} (${ground.kind})` },
    verdictCell(outcome, share, palette),
  ];
}

/** For each claim a row with its verdict, then a row for each check that it rests on; our own checks at the end. */
function claimRows({ paper, verdicts, ours }: PaperVerdicts, palette: Palette): Cell[][] {
  const empty: Cell = { text: "" };
  const heading = (id: string, text: string, verdict: Cell) => [
    { text: id, style: palette.strong },
    { text, style: palette.strong },
    empty,
    empty,
    verdict,
  ];
  return [
    ...verdicts.flatMap((claim) => {
      const short = paper.claims.find(({ id }) => id === claim.claim)?.short ?? "";
      const why = claim.verdict === "inconclusive" ? `: ${claim.reason}` : ` (${claim.reason})`;
      const verdict = verdictCell(claim.verdict, verdictText(claim), palette);
      const text = short + (claim.reason === undefined ? "" : why);
      return [heading(claim.claim, text, verdict), ...claim.checks.map((check) => checkRow(check, palette))];
    }),
    ...(ours.length > 0 ? [heading("", "Our checks, not claims of the paper", empty)] : []),
    ...ours.map((check) => checkRow(check, palette)),
  ];
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
