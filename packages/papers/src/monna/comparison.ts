import { sampleMean } from "gradus/statistics";
import type { Values } from "gradus/tree";
import { type Check, check, formatFigure } from "../check.ts";
import {
  type ExperimentContext,
  type ExperimentRun,
  type PlotSpecification,
  type Point,
  points,
  progress,
  replacePoints,
  type Table,
} from "../experiment.ts";
import { type Contest, type ContestResult, contestProblems, contestRun, type Meeting } from "./contest.ts";
import type { AttackName, MethodName } from "./methods.ts";

/** Which methods meet which attacks. */
export interface ComparisonPlan {
  /** MoNNA first. */
  readonly methods: readonly MethodName[];
  readonly attacks: readonly AttackName[];
  /** Methods that meet the sign flip alone, which is enough to see them fail. */
  readonly signFlipOnly: readonly MethodName[];
}

const SAFE = "D-SGD";
/** Methods of which the specification says that a sign flip ruins them. */
const ruined: readonly MethodName[] = ["SCC", "GM", "plain mean"];

const attackTitles: Readonly<Record<AttackName, string>> = {
  ALIE: "A little is enough (ALIE)",
  FOE: "Fall of empires (FOE)",
  SF: "Sign flip (SF)",
  LF: "Label flip (LF)",
};

/** A plot of accuracy against the step for each attack. */
export const accuracyPlots: readonly PlotSpecification[] = (["ALIE", "FOE", "SF", "LF"] as const).map(
  (attack) => ({
    id: attack,
    title: `${attackTitles[attack]}: accuracy of an honest node`,
    x: { label: "step" },
    y: { label: "test accuracy" },
    mark: "line",
    series: ["MoNNA", "NNA", "MoCWTM", "BRIDGE", "MoGM", "GM", "SCC", "LEARN", "plain mean"],
    references: [SAFE],
  }),
);

const keyOf = (method: MethodName, attack?: AttackName) => `${method} ${attack ?? "alone"}`;

/** What the methods scored, means over the repetitions. */
export interface Scores {
  /** Score of a method against an attack; NaN where they did not meet. */
  of(method: MethodName, attack?: AttackName): number;
  /** The smallest score of a method over the plan's attacks. */
  worst(method: MethodName): number;
}

/** Runs every method of the plan against its attacks in the contest of each repetition; curves are means of all. */
export async function* compare<P extends Values>(
  plan: ComparisonPlan,
  contests: readonly (() => Promise<Contest<P>>)[],
  stage: ExperimentContext<unknown>["stage"],
): ExperimentRun<Scores> {
  const meetings: readonly Meeting[] = [
    { name: SAFE, attack: undefined },
    ...plan.methods.flatMap((name) => plan.attacks.map((attack) => ({ name, attack }))),
    ...plan.signFlipOnly.map((name) => ({ name, attack: "SF" as const })),
  ];
  const plotsOf = ({ attack }: Meeting) => (attack ? [attack] : plan.attacks);
  const results = new Map<string, ContestResult[]>();
  for (const [repetition, contestOf] of contests.entries()) {
    const contest = await contestOf();
    await using problems = contestProblems(contest);
    for (const [k, meeting] of meetings.entries()) {
      const label = keyOf(meeting.name, meeting.attack);
      yield progress((repetition + k / meetings.length) / contests.length, label);
      const result = yield* stage(`${label}, ${repetition}`, async function* () {
        yield progress((repetition + (k + 0.5) / meetings.length) / contests.length, label);
        const show = (at: Point) => plotsOf(meeting).map((plot) => points(plot, meeting.name, [at]));
        return yield* contestRun(contest, problems, meeting, repetition === 0 ? show : undefined);
      });
      results.set(label, [...(results.get(label) ?? []), result]);
    }
  }
  for (const meeting of meetings) {
    const { name, attack } = meeting;
    const runs = results.get(keyOf(name, attack)) ?? [];
    const curve = runs[0].steps.map((x, k) => ({ x, y: sampleMean(runs.map((run) => run.accuracies[k])) }));
    for (const plot of plotsOf(meeting)) yield replacePoints(plot, name, curve);
  }
  const of = (method: MethodName, attack?: AttackName) => {
    const runs = results.get(keyOf(method, attack));
    return runs ? sampleMean(runs.map(({ score }) => score)) : Number.NaN;
  };
  return { of, worst: (method) => Math.min(...plan.attacks.map((attack) => of(method, attack))) };
}

/** The scores as a table, a row a method. */
export function scoreTable({ methods, attacks, signFlipOnly }: ComparisonPlan, scores: Scores): Table {
  const cell = (value: number) => (Number.isNaN(value) ? null : value);
  return {
    id: "scores",
    title: "Accuracy, mean of the last five evaluations",
    columns: [
      { key: "method", label: "method" },
      ...attacks.map((attack) => ({ key: attack, label: attack })),
      { key: "worst", label: "worst" },
    ],
    rows: [
      { method: SAFE, worst: scores.of(SAFE) },
      ...[...methods, ...signFlipOnly].map((method) => ({
        method,
        ...Object.fromEntries(attacks.map((attack) => [attack, cell(scores.of(method, attack))])),
        worst: cell(scores.worst(method)),
      })),
    ],
  };
}

/** The checks: MoNNA close to fault-free training and ahead of the others, and who fails under a sign flip. */
export function scoreChecks(
  { methods, attacks, signFlipOnly }: ComparisonPlan,
  scores: Scores,
  { least, margin }: { readonly least?: number; readonly margin: number },
): Check[] {
  const worst = scores.worst("MoNNA");
  const checks: Check[] = [];
  if (least !== undefined) checks.push(check("C1", "worst accuracy of MoNNA", worst, { atLeast: least }));
  checks.push(
    check("C1", "worst accuracy of MoNNA minus D-SGD without faulty nodes", worst - scores.of(SAFE), {
      atLeast: -0.1,
    }),
  );
  for (const other of methods)
    if (other !== "MoNNA")
      checks.push(
        check("C4", `worst accuracy of MoNNA minus ${other}'s`, worst - scores.worst(other), {
          atLeast: margin,
        }),
      );
  if (attacks.includes("SF"))
    for (const method of ruined)
      if (methods.includes(method) || signFlipOnly.includes(method))
        checks.push(check("C4", `accuracy of ${method} under SF`, scores.of(method, "SF"), { atMost: 0.5 }));
  return checks;
}

/** What to see in the scores, where MoNNA is not the best included; and a caption for each attack. */
export function describeScores({ methods, attacks, signFlipOnly }: ComparisonPlan, scores: Scores) {
  const others = methods.filter((method) => method !== "MoNNA");
  const ahead = attacks.map((attack) => {
    const own = scores.of("MoNNA", attack);
    const better = others.filter((method) => scores.of(method, attack) > own);
    const names = better.map((method) => `${method} (${formatFigure(scores.of(method, attack))})`);
    return { attack, own, names };
  });
  const beaten = ahead.filter(({ names }) => names.length > 0);
  const lost = ahead.filter(({ own }) => own < scores.of(SAFE) / 2);
  const worsts = others.map((method) => `${method} ${formatFigure(scores.worst(method))}`);
  const summary = [
    `Against its worst attack MoNNA reaches ${formatFigure(scores.worst("MoNNA"))}, fault-free D-SGD ${formatFigure(scores.of(SAFE))}; the others: ${worsts.join(", ")}.`,
    ...lost.map(
      ({ attack, own }) =>
        `Under ${attack} MoNNA does not learn: ${formatFigure(own)} is less than half of what fault-free training reaches.`,
    ),
    beaten.length === 0
      ? "No other method was better under any attack."
      : `MoNNA is not the best everywhere: ${beaten.map(({ attack, own, names }) => `under ${attack} it reaches ${formatFigure(own)}, behind ${names.join(", ")}`).join("; ")}.`,
  ];
  const captions = Object.fromEntries(
    ahead.map(({ attack, own }) => {
      const rest = [...others, ...(attack === "SF" ? signFlipOnly : [])].map(
        (method) => `${method} ${formatFigure(scores.of(method, attack))}`,
      );
      return [attack, `At the end MoNNA is at ${formatFigure(own)}; ${rest.join(", ")}.`];
    }),
  );
  return { summary, captions };
}
