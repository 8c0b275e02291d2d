import { expect, test } from "vitest";
import { textRuns } from "./text-runs.ts";

const marked = (text: string) =>
  textRuns(text)
    .map(({ kind, text: part }) => (kind === "plain" ? part : kind === "sub" ? `<${part}>` : `«${part}»`))
    .join("");

test.each([
  ["θ_t/γ converges", "θ<t>/γ converges"],
  ["m_i = y_i a_i·θ and p_i = 1/(1 + e^{m_i})", "m<i> = y<i> a<i>·θ and p<i> = 1/(1 + e«m_i»)"],
  ["min_i m_i / ‖θ‖", "min<i> m<i> / ‖θ‖"],
  ["Σ p_i y_i a_i / Σ p_i.", "Σ p<i> y<i> a<i> / Σ p<i>."],
  ["x^2 + x^{10}, x_12", "x«2» + x«10», x<12>"],
  ["‖x_{k+1} − x*‖^2", "‖x<k+1> − x*‖«2»"],
  ["λ_c/λ_(c+1), (1/T)^(t/T)", "λ<c>/λ<c+1>, (1/T)«t/T»"],
  ["‖x‖^2.25/2.25, x^2. Then", "‖x‖«2.25»/2.25, x«2». Then"],
  ["‖K‖²_F / σ_min²", "‖K‖²<F> / σ<min>²"],
  ["(from GRADUS_DATA_DIR)", "(from GRADUS_DATA_DIR)"],
  ["snake_case a_variable", "snake_case a_variable"],
  ["no scripts at all", "no scripts at all"],
  ["", ""],
])("%j", (text, wanted) => {
  expect(marked(text)).toBe(wanted);
});
