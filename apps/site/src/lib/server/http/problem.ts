/** What can be wrong with a request, for programs. */
export type ProblemCode =
  | "invalid_address"
  | "invalid_parameter"
  | "query_too_long"
  | "not_found"
  | "cross_site"
  | "unauthorized"
  | "duplicate"
  | "too_large"
  | "unsupported_media_type"
  | "invalid_report"
  | "invalid_body"
  | "submission_refused"
  | "conflict"
  | "method_not_allowed"
  | "address_too_long"
  | "too_many_requests"
  | "internal"
  | "unavailable"
  | "overloaded";

/** The HTTP status of each problem. */
export const problemStatuses: Readonly<Record<ProblemCode, number>> = {
  invalid_address: 400,
  invalid_parameter: 400,
  query_too_long: 400,
  not_found: 404,
  unauthorized: 401,
  cross_site: 403,
  method_not_allowed: 405,
  duplicate: 409,
  conflict: 409,
  too_large: 413,
  address_too_long: 414,
  unsupported_media_type: 415,
  invalid_report: 422,
  invalid_body: 422,
  submission_refused: 422,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
  overloaded: 503,
};

/** A request that cannot be answered as asked: what went wrong, for people and for programs. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  /** The parameter that is wrong. */
  readonly field?: string;
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;

  constructor(code: ProblemCode, message: string, field?: string, retryAfter?: number) {
    super(message);
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
  }

  /** The HTTP status that it is answered with. */
  get status(): number {
    return problemStatuses[this.code];
  }

  /** As the body of an answer: `{error: {code, message, field?}}`. */
  toJSON(): { error: { code: ProblemCode; message: string; field?: string } } {
    const { code, message, field } = this;
    return { error: { code, message, ...(field === undefined ? {} : { field }) } };
  }
}

/** What clients are sent about a problem. */
export type ProblemFormat = (problem: Problem) => {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
};

/** Problems in the API's format. */
export const standardProblem: ProblemFormat = (problem) => ({ body: problem.toJSON(), headers: {} });
