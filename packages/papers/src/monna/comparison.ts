import { sampleMean } from "gradus/statistics";
import type { Values } from "gradus/tree";
import { type Check, check, formatRounded, ourCheck } from "../check.ts";
import {
  type ExperimentContext,
  type ExperimentRun,
  type PlotSpecification,
  type Point,
  type Presentation,
  points,
  progress,
  replacePoints,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot } from "../shared/plots.ts";
import { type Contest, type ContestResult, contestProblems, contestRun, type Meeting } from "./contest.ts";
import type { AttackName, MethodName } from "./methods.ts";

/** Which methods meet which attacks. */
export interface ComparisonPlan {
  /** MoNNA first. */
  readonly methods: readonly MethodName[];
  readonly attacks: readonly AttackName[];
  /** Methods that face only the sign flip: their worst score is at most that one. */
  readonly signFlipOnly: readonly MethodName[];
}

const SAFE = "D-SGD";
/** Not a robust method: it shows the effect of the attacks. */
const UNPROTECTED = "plain mean";

const attackTitles: Readonly<Record<AttackName, string>> = {
  ALIE: "A little is enough (ALIE)",
  FOE: "Fall of empires (FOE)",
  SF: "Sign flip (SF)",
  LF: "Label flip (LF)",
};

/** A plot of accuracy against the step for each attack. */
export const accuracyPlots: readonly PlotSpecification[] = (["ALIE", "FOE", "SF", "LF"] as const).map(
  (attack) =>
    linePlot(attack, `${attackTitles[attack]}: accuracy of an honest node`, "step", "test accuracy", {
      series: ["MoNNA", "NNA", "MoCWTM", "BRIDGE", "MoGM", "GM", "SCC", "LEARN", "plain mean"],
      references: [SAFE],
    }),
);

const keyOf = (method: MethodName, attack?: AttackName) => `${method} ${attack ?? "alone"}`;

/** The methods' scores, means over the repetitions. */
export interface Comparison extends ComparisonPlan {
  /** Of D-SGD without faulty nodes. */
  readonly faultFree: number;
  /** By method, then by attack, where they met. */
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Runs every method of the plan against its attacks in the contest of each repetition; curves are means of all. */
export async function* compare<P extends Values>(
  plan: ComparisonPlan,
  contests: readonly (() => Promise<Contest<P>>)[],
  stage: ExperimentContext<unknown>["stage"],
): ExperimentRun<Comparison> {
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
  const score = (method: MethodName, attack?: AttackName) =>
    sampleMean((results.get(keyOf(method, attack)) ?? []).map((result) => result.score));
  const scores: Record<string, Record<string, number>> = {};
  for (const { name, attack } of meetings)
    if (attack) scores[name] = { ...scores[name], [attack]: score(name, attack) };
  return { ...plan, faultFree: score(SAFE), scores };
}

const worstOf = ({ scores }: Comparison, method: MethodName) => Math.min(...Object.values(scores[method]));

/**
 * Checks that MoNNA is close to fault-free training under each attack, and ahead of the others under their worst
 * attack.
 */
export function judgeScores(found: Comparison): Check[] {
  const { methods, attacks, signFlipOnly, faultFree, scores } = found;
  const worst = worstOf(found, "MoNNA");
  const close = criterion("robust is an accuracy within 0.1 of fault-free training, whatever the attack");
  const ahead = criterion("ahead by twice the ±0.02 by which accuracies differ between seeds");
  return [
    ...attacks.map((attack) =>
      check(
        "C1",
        `accuracy of fault-free D-SGD minus MoNNA’s under ${attack}`,
        faultFree - scores.MoNNA[attack],
        { atMost: 0.1 },
        close,
      ),
    ),
    ...[...methods.slice(1), ...signFlipOnly]
      .filter((other) => other !== UNPROTECTED)
      .map((other) =>
        check(
          "C4",
          signFlipOnly.includes(other)
            ? `worst accuracy of MoNNA minus ${other}’s under SF`
            : `worst accuracy of MoNNA minus ${other}’s worst`,
          worst - worstOf(found, other),
          { atLeast: 0.04 },
          ahead,
        ),
      ),
    ...(signFlipOnly.includes(UNPROTECTED)
      ? [
          ourCheck(
            "accuracy of the plain mean under SF over fault-free D-SGD’s",
            scores[UNPROTECTED].SF / faultFree,
            { atMost: 0.5 },
            criterion("an attack worth resisting at least halves the accuracy of the plain mean"),
          ),
        ]
      : []),
  ];
}

/** The scores in words and as a table, with the attacks under which another method is better than MoNNA. */
export function presentScores(found: Comparison): Presentation {
  const { methods, attacks, signFlipOnly, faultFree, scores } = found;
  const others = methods.slice(1);
  const figure = (method: MethodName, attack: AttackName) =>
    `${method} ${formatRounded(scores[method][attack])}`;
  const worst = formatRounded(worstOf(found, "MoNNA"));
  const worstAttack = attacks.reduce((a, b) => (scores.MoNNA[b] < scores.MoNNA[a] ? b : a));
  const rivals = others.map((method) => `${method} ${formatRounded(worstOf(found, method))}`);
  const lost = attacks.filter((attack) => scores.MoNNA[attack] < faultFree / 2);
  const behind = attacks.flatMap((attack) => {
    const better = others.filter((method) => scores[method][attack] > scores.MoNNA[attack]);
    const names = better.map((method) => figure(method, attack)).join(", ");
    return better.length > 0 ? [`under ${attack}, ${figure("MoNNA", attack)} against ${names}`] : [];
  });
  return {
    headline: `Under its worst attack (${worstAttack}) MoNNA reaches an accuracy of ${worst}, against ${formatRounded(faultFree)} without faulty nodes${rivals.length > 0 ? `; the worst accuracies of the others: ${rivals.join(", ")}` : ""}.`,
    summary: [
      `Worst accuracy over ${attacks.join(", ")}: ${[`MoNNA ${worst}`, ...rivals].join(", ")}.`,
      ...lost.map(
        (attack) =>
          `Under ${attack} MoNNA does not learn: ${formatRounded(scores.MoNNA[attack])} is less than half of what fault-free training reaches.`,
      ),
      behind.length === 0
        ? "No other method was better under any attack."
        : `MoNNA is not the best under every attack: ${behind.join("; ")}.`,
    ],
    captions: Object.fromEntries(
      attacks.map((attack) => {
        const met: readonly MethodName[] = [...methods, ...(attack === "SF" ? signFlipOnly : [])];
        return [attack, `Final accuracies: ${met.map((method) => figure(method, attack)).join(", ")}.`];
      }),
    ),
    tables: [
      {
        id: "scores",
        title: "Accuracy, mean of the last five evaluations",
        columns: [
          { key: "method", label: "method" },
          ...attacks.map((attack) => ({ key: attack, label: attack })),
          { key: "worst", label: "worst" },
        ],
        rows: [
          { method: SAFE, worst: faultFree },
          ...[...methods, ...signFlipOnly].map((method) => ({
            method,
            ...scores[method],
            worst: worstOf(found, method),
          })),
        ],
      },
    ],
  };
}
