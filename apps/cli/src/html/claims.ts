import {
  type ClaimVerdict,
  formatCondition,
  formatFigure,
  typicalCheck,
  type Verdict,
  verdictMarks,
} from "@gradus/papers";
import { countVerdicts, type PaperVerdicts } from "../terminal/claims.ts";
import { type Html, html, sentence } from "./markup.ts";

const classes: Readonly<Record<Verdict, string>> = {
  held: "held",
  mixed: "mixed",
  "did not hold": "failed",
  inconclusive: "open",
  "not run": "open",
};

function mark(verdict: Verdict): Html {
  return html`<span class="${classes[verdict]}" aria-hidden="true">${verdictMarks[verdict]}</span>`;
}

function inWords(verdict: Verdict): Html {
  return html`<span class="verdict ${classes[verdict]}"><span aria-hidden="true">${verdictMarks[verdict]} </span>${verdict}</span>`;
}

/** A row of marks, one a claim, and how many there are of each. */
export function verdictSummary(verdicts: readonly ClaimVerdict[]): Html {
  if (verdicts.length === 0) return html`<p class="summary">No claim was to be measured.</p>`;
  return html`<p class="summary"><span class="marks">${verdicts.map(({ verdict }) => mark(verdict))}</span>
<strong>${countVerdicts(verdicts)}</strong></p>`;
}

function claimGroup(paper: PaperVerdicts["paper"], { claim, verdict, checks }: ClaimVerdict): Html {
  const { short, statement, reported } = paper.claims.find(({ id }) => id === claim) ?? {};
  // Roles are said again, for tables lose them where narrow screens lay them out as blocks.
  return html`<tbody role="rowgroup">
<tr role="row"><th role="rowheader" scope="rowgroup" colspan="3"><strong>${claim}&ensp;${sentence(short ?? "")}</strong>
<small>${sentence(statement ?? "")} The paper reports: ${sentence(reported ?? "not stated")}.</small></th>
<td role="cell">${inWords(verdict)}</td></tr>
${checks.map(typicalCheck).map(
  ({ label, measured, condition, held }) =>
    html`<tr role="row"><td role="cell" class="what">${sentence(label)}</td><td role="cell" class="number">${formatFigure(measured)}</td><td role="cell" class="condition">${formatCondition(condition)}</td><td role="cell">${inWords(held ? "held" : "did not hold")}</td></tr>
`,
)}</tbody>
`;
}

/** The claims of a paper: each with its verdict, and below it what was measured and what it must be. */
export function claimsTable({ paper, verdicts }: PaperVerdicts): Html {
  if (verdicts.length === 0) return html``;
  return html`<table class="claims" role="table"><thead role="rowgroup"><tr role="row">
<th role="columnheader" scope="col">what was measured</th><th role="columnheader" scope="col" class="number">measured</th><th role="columnheader" scope="col">must be</th><th role="columnheader" scope="col">verdict</th>
</tr></thead>
${verdicts.map((verdict) => claimGroup(paper, verdict))}</table>`;
}
