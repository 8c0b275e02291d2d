import { denseMatrix } from "gradus/linalg";
import { loadOperator } from "gradus/operators";
import { z } from "zod";
import { type Control, type ControlValues, defineExploration } from "../explore.ts";
import { fromBase64 } from "../shared/base64.ts";
import { linePlot } from "../shared/plots.ts";

const CURVE = 101;
const places = Float64Array.from({ length: CURVE }, (_, i) => i / (CURVE - 1));

const amplitude = (id: string, label: string, initial: number): Control => ({
  id,
  label,
  minimum: -2,
  maximum: 2,
  step: 0.05,
  initial,
});

const controls = [
  amplitude("constant", "constant", 0),
  amplitude("slope", "slope", 0.5),
  amplitude("first", "sin πx", 1),
  amplitude("second", "sin 2πx", 0),
];

const wave = (k: number) => k * Math.PI;

/** u(x) = a + b x + c sin pi x + d sin 2 pi x */
export const inputAt = ({ constant, slope, first, second }: ControlValues, x: number) =>
  constant + slope * x + first * Math.sin(wave(1) * x) + second * Math.sin(wave(2) * x);

/** Its antiderivative from 0. */
export const outputAt = ({ constant, slope, first, second }: ControlValues, x: number) =>
  constant * x +
  (slope * x * x) / 2 +
  (first * (1 - Math.cos(wave(1) * x))) / wave(1) +
  (second * (1 - Math.cos(wave(2) * x))) / wave(2);

const pointsOf = (y: (x: number, i: number) => number) => Array.from(places, (x, i) => ({ x, y: y(x, i) }));

/** The trained network on an input function that the reader shapes. */
export const moveAntiderivative = defineExploration({
  title: "Shape an input function",
  description:
    "Move the input function u: the trained DeepONet computes its antiderivative from 100 values of u, without retraining.",
  controls,
  plots: [
    linePlot("moved", "The antiderivative of your function", "x", "value", {
      series: ["DeepONet", "input u"],
      references: ["true output"],
    }),
  ],
  kept: z.object({ file: z.string() }),
  async open({ file }) {
    const operator = await loadOperator(fromBase64(file));
    const { sensors } = operator;
    const locations = denseMatrix(places, CURVE, 1);
    return {
      async show(values) {
        const u = Float64Array.from(sensors, (x) => inputAt(values, x));
        const sensorValues = denseMatrix(u, 1, sensors.length);
        const output = await operator.evaluate({ sensorValues, locations, sensors });
        return {
          moved: {
            DeepONet: pointsOf((_, i) => output.values.values[i]),
            "input u": pointsOf((x) => inputAt(values, x)),
            "true output": pointsOf((x) => outputAt(values, x)),
          },
        };
      },
      close: () => operator.dispose(),
    };
  },
});
