export {
  type ReluNetworkArguments,
  type ReluNetworkPoints,
  ResidentReluNetwork,
  reluNetworkGradient,
  reluNetworkOutputs,
} from "./relu-network.ts";
