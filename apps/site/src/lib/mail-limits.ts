/** Minutes between two messages to one address, of those that anybody may ask for. */
export const MINUTES_APART = { "sign-in": 1, confirm: 10 } as const;
