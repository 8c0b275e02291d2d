/** Where the operator's operations are: sections are called as those of the pages. */
export const ROOT = "/api/v1/operator";
/** Nobody keeps an answer. */
export const PRIVATE = { "Cache-Control": "no-store" };
/** Who may ask. */
export const WHOSE = "With scope `operator`, for moderators and administrators.";
export const ADMINISTRATORS = "With scope `operator`, for administrators.";
/** Why somebody may not. */
export const NO_ACCOUNT = "No valid access token with scope `operator`.";
export const NO_OPERATOR = "Your account may not see this.";

/** What all of the operations have. */
export const shared = { tags: ["Operator"], security: [{ token: [] }] };
