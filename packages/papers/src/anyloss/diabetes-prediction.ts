import { parseCsv, readDataFile, stratifiedKFold } from "gradus/data";
import { type Check, check, formatRounded } from "../check.ts";
import { type ExperimentContext, type ExperimentRun, progress, type Table } from "../experiment.ts";
import { reported } from "../ground.ts";
import { tableOf } from "../shared/tables.ts";
import {
  foldScores,
  LinearTrainers,
  meanScores,
  metricLabels,
  moreThanRope,
  practical,
  type Rows,
  rope,
  type Scores,
  splitRows,
} from "./evaluation.ts";

export const diabetesPredictionFile = "diabetes-prediction.csv.gz";

/**
 * The diabetes-prediction set (100,000 x 8) from the reader's own copy in GRADUS_DATA_DIR, since it has no license that
 * allows redistribution; words are encoded by first appearance, and the last column is the label.
 *
 * @throws DataMissingError when the file does not exist
 * @throws DataError when the file is malformed
 */
export async function diabetesPrediction(): Promise<Rows> {
  const text = new TextDecoder().decode(await readDataFile(diabetesPredictionFile));
  const { x } = parseCsv(text, {
    name: diabetesPredictionFile,
    categorical: ["gender", "smoking_history"],
  });
  const features = new Float64Array(x.rows * (x.columns - 1));
  const y = new Int32Array(x.rows);
  for (let i = 0; i < x.rows; i++) {
    features.set(x.values.subarray(i * x.columns, i * x.columns + x.columns - 1), i * (x.columns - 1));
    y[i] = x.values[i * x.columns + x.columns - 1];
  }
  return { x: { rows: x.rows, columns: x.columns - 1, values: features }, y };
}

interface PartOptions extends Pick<ExperimentContext<unknown>, "seed" | "signal" | "stage"> {
  readonly folds: number;
  readonly iterations: number;
}

/** The scores on the diabetes-prediction set, by training loss. */
export interface DiabetesScores {
  readonly BCE: Scores;
  readonly f1: Scores;
  readonly balancedAccuracy: Scores;
}

/**
 * Trains on the diabetes-prediction set.
 *
 * @throws DataMissingError when the file is not there
 */
export async function* diabetesScores({
  folds,
  iterations,
  seed,
  signal,
  stage,
}: PartOptions): ExperimentRun<DiabetesScores> {
  const data = await diabetesPrediction();
  const splits = stratifiedKFold(data.y, folds, seed).map((fold) => splitRows(data, fold));
  using trainers = new LinearTrainers();
  const of = (method: keyof DiabetesScores) =>
    stage(`diabetes-prediction, ${method}`, async function* () {
      const learningRate = method === "BCE" ? 0.1 : 0.01;
      const scores: Scores[] = [];
      // A fold of 90,000 rows takes long.
      for (const [k, split] of splits.entries())
        scores.push(
          yield* stage(`diabetes-prediction, ${method}, fold ${k + 1}`, async function* () {
            yield progress(0.9, `the diabetes-prediction set: ${method}, fold ${k + 1}`);
            return foldScores(trainers, method, split, { epochs: iterations, learningRate, signal });
          }),
        );
      return meanScores(scores);
    });
  return { BCE: yield* of("BCE"), f1: yield* of("f1"), balancedAccuracy: yield* of("balancedAccuracy") };
}

const PAPER_BALANCED = 0.882;

export const judgeDiabetes = ({ BCE, f1, balancedAccuracy }: DiabetesScores): Check[] => [
  check("C2", "diabetes prediction, F1: gain over BCE", f1.f1 - BCE.f1, moreThanRope, practical),
  check(
    "C6",
    "diabetes prediction, balanced accuracy by its own loss",
    balancedAccuracy.balancedAccuracy,
    { atLeast: PAPER_BALANCED - rope },
    reported(`authors’ README, “diabetes”, L = 73: ${PAPER_BALANCED}, less ${rope}`),
  ),
];

export function presentDiabetes({ BCE, f1, balancedAccuracy }: DiabetesScores): {
  readonly summary: string;
  readonly table: Table;
} {
  return {
    summary: `On the diabetes-prediction set BCE has F1 ${formatRounded(BCE.f1)} and balanced accuracy ${formatRounded(BCE.balancedAccuracy)}; trained for each, ${formatRounded(f1.f1)} and ${formatRounded(balancedAccuracy.balancedAccuracy)}.`,
    table: tableOf("diabetes", "The diabetes-prediction set", { loss: "trained by", ...metricLabels }, [
      { loss: "BCE", ...BCE },
      { loss: "AnyLoss of F1", ...f1 },
      { loss: "AnyLoss of balanced accuracy", ...balancedAccuracy },
    ]),
  };
}
