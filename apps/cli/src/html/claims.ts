import {
  type ClaimVerdict,
  checkVerdict,
  formatCondition,
  formatGround,
  formatSpread,
  type SeedCheck,
  type Verdict,
  verdictMarks,
  verdictText,
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

function inWords(verdict: Verdict, text: string): Html {
  return html`<span class="verdict ${classes[verdict]}"><span aria-hidden="true">${verdictMarks[verdict]} </span>${text}</span>`;
}

/** A row of marks, one a claim, and how many there are of each. */
export function verdictSummary(verdicts: readonly ClaimVerdict[]): Html {
  if (verdicts.length === 0) return html`<p class="summary">No claim was to be measured.</p>`;
  return html`<p class="summary"><span class="marks">${verdicts.map(({ verdict }) => mark(verdict))}</span>
<strong>${countVerdicts(verdicts)}</strong></p>`;
}

function checkRow(check: SeedCheck): Html {
  const { label, condition, ground, held, seeds } = check;
  const outcome = checkVerdict(check);
  const share = seeds.length > 1 ? `${held} of ${seeds.length} seeds` : outcome;
  return html`<tr role="row"><td role="cell" class="what">${sentence(label)}</td><td role="cell" class="number">${formatSpread(check)}</td><td role="cell" class="condition">${formatCondition(condition)} <small>${sentence(formatGround(ground))}</small></td><td role="cell">${inWords(outcome, share)}</td></tr>
`;
}

function claimGroup(paper: PaperVerdicts["paper"], verdict: ClaimVerdict): Html {
  const { claim, reason, checks } = verdict;
  const { short, statement, source, reported } = paper.claims.find(({ id }) => id === claim) ?? {};
  const where = source === undefined ? "The paper" : `The paper (${source})`;
  // Roles are said again, for tables lose them where narrow screens lay them out as blocks.
  return html`<tbody role="rowgroup">
<tr role="row"><th role="rowheader" scope="rowgroup" colspan="3"><strong>${claim}&ensp;${sentence(short ?? "")}</strong>
<small>${sentence(statement ?? "")} ${sentence(where)} reports: ${sentence(reported ?? "not stated")}.${reason === undefined ? undefined : html` ${sentence(reason)}`}</small></th>
<td role="cell">${inWords(verdict.verdict, verdictText(verdict))}</td></tr>
${checks.map(checkRow)}</tbody>
`;
}

/** Checks that no claim rests on. */
function ourGroup(ours: readonly SeedCheck[]): Html | undefined {
  if (ours.length === 0) return undefined;
  return html`<tbody role="rowgroup">
<tr role="row"><th role="rowheader" scope="rowgroup" colspan="4"><strong>Our checks</strong>
<small>Not claims of the paper: they count for no verdict.</small></th></tr>
${ours.map(checkRow)}</tbody>
`;
}

/** The claims of a paper: each with its verdict, and below it what was measured and what is wanted. */
export function claimsTable({ paper, verdicts, ours }: PaperVerdicts): Html {
  if (verdicts.length === 0 && ours.length === 0) return html``;
  return html`<table class="claims" role="table"><thead role="rowgroup"><tr role="row">
<th role="columnheader" scope="col">what was measured</th><th role="columnheader" scope="col" class="number">measured</th><th role="columnheader" scope="col">wanted</th><th role="columnheader" scope="col">verdict</th>
</tr></thead>
${verdicts.map((verdict) => claimGroup(paper, verdict))}${ourGroup(ours)}</table>`;
}
