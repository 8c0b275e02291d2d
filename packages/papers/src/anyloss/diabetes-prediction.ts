import { DataMissingError } from "gradus/check";
import { parseCsv, readDataFile, stratifiedKFold } from "gradus/data";
import { type Check, check, formatFigure } from "../check.ts";
import { type ExperimentContext, type ExperimentRun, note, progress, table } from "../experiment.ts";
import {
  crossValidate,
  LinearTrainers,
  metricLabels,
  type Rows,
  splitRows,
  targetMetrics,
} from "./evaluation.ts";

export const diabetesPredictionFile = "diabetes-prediction.csv.gz";

/**
 * The diabetes-prediction set (100 000 x 8), which has no license to be passed on: the reader's own copy in
 * GRADUS_DATA_DIR, words coded by first appearance, the last column the label.
 *
 * @throws DataMissingError when the file is not there
 * @throws DataError when it is damaged
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

/** The paper's figures on the diabetes-prediction set, where a reader has the file; a note says so where not. */
export async function* diabetesPart({
  folds,
  iterations,
  seed,
  signal,
  stage,
}: PartOptions): ExperimentRun<{ readonly checks: readonly Check[]; readonly summary: readonly string[] }> {
  let data: Rows;
  try {
    data = await diabetesPrediction();
  } catch (error) {
    if (!(error instanceof DataMissingError)) throw error;
    yield note(
      `The diabetes-prediction set has no license to be passed on. Put ${diabetesPredictionFile} (100,000 rows, from Kaggle) into the folder GRADUS_DATA_DIR to measure it too.`,
    );
    return { checks: [], summary: [] };
  }
  const splits = stratifiedKFold(data.y, folds, seed).map((fold) => splitRows(data, fold));
  using trainers = new LinearTrainers();
  const of = (method: "BCE" | "f1" | "balancedAccuracy") =>
    stage(`diabetes-prediction, ${method}`, async function* () {
      yield progress(0.9, `the diabetes-prediction set: ${method}`);
      const learningRate = method === "BCE" ? 0.1 : 0.01;
      return crossValidate(trainers, method, splits, { epochs: iterations, learningRate, signal });
    });
  const rows = { BCE: yield* of("BCE"), F1: yield* of("f1"), balanced: yield* of("balancedAccuracy") };
  yield table({
    id: "diabetes",
    title: "The diabetes-prediction set",
    columns: [
      { key: "loss", label: "trained by" },
      ...targetMetrics.map((metric) => ({ key: metric, label: metricLabels[metric] })),
    ],
    rows: [
      { loss: "BCE", ...rows.BCE },
      { loss: "AnyLoss of F1", ...rows.F1 },
      { loss: "AnyLoss of balanced accuracy", ...rows.balanced },
    ],
  });
  return {
    checks: [
      check("C6", "diabetes prediction: F1 by its own loss over BCE", rows.F1.f1 - rows.BCE.f1, {
        atLeast: 0.015,
      }),
      check("C6", "diabetes prediction: balanced accuracy by its own loss", rows.balanced.balancedAccuracy, {
        atLeast: 0.86,
      }),
    ],
    summary: [
      `On the diabetes-prediction set BCE has F1 ${formatFigure(rows.BCE.f1)} and balanced accuracy ${formatFigure(rows.BCE.balancedAccuracy)}; trained for each, ${formatFigure(rows.F1.f1)} and ${formatFigure(rows.balanced.balancedAccuracy)}.`,
    ],
  };
}
