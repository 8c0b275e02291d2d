import { formatFigure, type Table } from "@gradus/papers";
import { type ExplainerName, explainers } from "gradus/explain";
import type { DenseMatrix } from "gradus/linalg";

/** What `--json` writes. */
export interface ExplainSummary {
  readonly format: 1;
  readonly source: string;
  readonly features: readonly string[];
  /** Names of the methods, in the order of the attributions. */
  readonly explainers: readonly ExplainerName[];
  readonly seed: number;
  /** Cosine distances of the methods, their mean over the rows; null where it has no value. */
  readonly cosine: readonly (readonly (number | null)[])[];
  readonly rows: readonly ExplainedRow[];
}

/** A row with its attributions. */
export interface ExplainedRow {
  /** Counted from 1. */
  readonly row: number;
  /** The explained column of the output, counted from 0, and the number of columns. */
  readonly column: number;
  readonly columns: number;
  readonly score: number;
  readonly baselineScore: number;
  readonly values: readonly number[];
  /** One list a method. */
  readonly attributions: readonly (readonly number[])[];
}

const labelOf = (name: ExplainerName) => explainers[name].label;
/** Names for the columns of a terminal's tables, in which eight stand side by side. */
const shortLabels: Readonly<Record<ExplainerName, string>> = {
  ...{ lime: "LIME", kernelShap: "SHAP", occlusion: "Occl.", integratedGradients: "IG" },
  ...{ gradientTimesInput: "G × I", vanillaGradients: "VG", smoothGrad: "SG", cLime: "C-LIME" },
};
const families = {
  multiplicative: "shares of the score",
  additive: "slopes, in score per unit of the feature",
} as const;

/** Features by their mean share of the attributions, largest first. */
function byImportance({ attributions, values }: ExplainedRow): number[] {
  const shares = values.map((_, j) =>
    attributions.reduce((sum, own) => {
      const size = own.reduce((total, value) => total + Math.abs(value), 0);
      return sum + (size > 0 ? Math.abs(own[j]) / size : 0);
    }, 0),
  );
  return Array.from(values.keys()).sort((a, b) => shares[b] - shares[a] || a - b);
}

function attributionTables(summary: ExplainSummary, row: ExplainedRow): Table[] {
  const order = byImportance(row);
  return (["multiplicative", "additive"] as const).map((family) => {
    const names = summary.explainers.filter((name) => explainers[name].family === family);
    return {
      id: `row-${row.row}-${family}`,
      title: `Row ${row.row}${row.columns > 1 ? `, output ${row.column}` : ""}, score ${formatFigure(row.score)} (${formatFigure(row.baselineScore)} at the baseline): ${families[family]}`,
      columns: [
        { key: "feature", label: "feature" },
        { key: "value", label: "value" },
        ...names.map((name) => ({ key: name, label: labelOf(name) })),
      ],
      rows: order.map((j) => ({
        feature: summary.features[j],
        value: row.values[j],
        ...Object.fromEntries(
          names.map((name) => [
            name,
            Number(row.attributions[summary.explainers.indexOf(name)][j].toPrecision(3)),
          ]),
        ),
      })),
    };
  });
}

/** The mean distances as a table, to three decimals. */
function agreementTable({ explainers: names, cosine }: ExplainSummary): Table {
  return {
    id: "agreement",
    title: "Cosine distances between the methods",
    columns: [{ key: "name", label: "" }, ...names.map((name) => ({ key: name, label: shortLabels[name] }))],
    rows: names.map((name, i) => ({
      name: labelOf(name),
      ...Object.fromEntries(
        names.map((other, j) => {
          const distance = cosine[i][j];
          return [other, distance === null ? null : Number(distance.toFixed(3))];
        }),
      ),
    })),
  };
}

/** What a terminal shows of explanations. */
export function explainTables(summary: ExplainSummary): Table[] {
  return [...summary.rows.flatMap((row) => attributionTables(summary, row)), agreementTable(summary)];
}

/** A matrix of distances as nested lists; null where there is none. */
export const nestedRows = ({ rows, columns, values }: DenseMatrix): (number | null)[][] =>
  Array.from({ length: rows }, (_, i) =>
    Array.from(values.subarray(i * columns, (i + 1) * columns), (value) =>
      Number.isFinite(value) ? value : null,
    ),
  );
