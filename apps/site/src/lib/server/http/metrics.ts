import { isOn } from "../switch-setting.ts";

/** Upper ends of the classes of duration, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

interface Durations {
  /** Requests up to each bucket's end. */
  readonly upTo: number[];
  sum: number;
  count: number;
}

/** A figure at the moment of asking. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly kind: "counter" | "gauge";
  readonly value: number;
}

/** Counts of requests, by route and status. */
export interface Metrics {
  observe(request: { readonly route: string; readonly status: number; readonly seconds: number }): void;
  /** All figures in the text format of Prometheus. */
  text(gauges: readonly Gauge[]): string;
}

const quoted = (value: string) => value.replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`));

/** Starts counting. Routes are patterns, so that their number is bounded. */
export function metrics(): Metrics {
  const requests = new Map<string, number>();
  const durations = new Map<string, Durations>();
  return {
    observe({ route, status, seconds }) {
      const labels = `route="${quoted(route)}",status="${status}"`;
      requests.set(labels, (requests.get(labels) ?? 0) + 1);
      const name = `route="${quoted(route)}"`;
      const entry = durations.get(name) ?? { upTo: BUCKETS.map(() => 0), sum: 0, count: 0 };
      durations.set(name, entry);
      BUCKETS.forEach((end, i) => {
        if (seconds <= end) entry.upTo[i] += 1;
      });
      entry.sum += seconds;
      entry.count += 1;
    },
    text(gauges) {
      const head = (name: string, help: string, kind: string) => [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${kind}`,
      ];
      const lines = [
        ...head("gradus_requests_total", "Requests answered.", "counter"),
        ...[...requests].map(([labels, count]) => `gradus_requests_total{${labels}} ${count}`),
        ...head("gradus_request_seconds", "Time to the answer.", "histogram"),
        ...[...durations].flatMap(([label, { upTo, sum, count }]) => [
          ...BUCKETS.map((end, i) => `gradus_request_seconds_bucket{${label},le="${end}"} ${upTo[i]}`),
          `gradus_request_seconds_bucket{${label},le="+Inf"} ${count}`,
          `gradus_request_seconds_sum{${label}} ${sum}`,
          `gradus_request_seconds_count{${label}} ${count}`,
        ]),
        ...gauges.flatMap(({ name, help, kind, value }) => [...head(name, help, kind), `${name} ${value}`]),
      ];
      return `${lines.join("\n")}\n`;
    },
  };
}

/** Whether an environment wants figures for Prometheus: `GRADUS_METRICS=1`. */
export const servesMetrics = (environment: NodeJS.ProcessEnv) => isOn("GRADUS_METRICS", environment);

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

/** True for a client on this machine that is not a proxy passing on others' requests. */
export function isLocal(address: string | undefined, headers: Headers): boolean {
  const forwarded = ["forwarded", "x-forwarded-for", "x-real-ip", "via"].some((name) => headers.has(name));
  return !forwarded && address !== undefined && LOOPBACK.test(address);
}
