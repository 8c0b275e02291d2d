export { type ReluNetworkArguments, reluNetworkGradient, reluNetworkOutputs } from "./relu-network.ts";
