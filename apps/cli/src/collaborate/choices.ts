/** The mixing methods by the names of the paper, but for those that need a second exchange in a round. */
export const methodNames = ["MoNNA", "NNA", "MoCWTM", "BRIDGE", "MoGM", "GM", "mean"] as const;
/** What Byzantine peers send. */
export const attackNames = ["ALIE", "FOE", "SF", "LF", "garbage", "silent"] as const;
export const transportNames = ["process", "nats", "in-process"] as const;
