import { fetchRuntime, runtime } from "../browser.ts";
import { serve } from "./host.ts";
import type { Question } from "./protocol.ts";

// ONNX Runtime starts its threads from the script that it is in. A bundler that makes one file of this worker puts it
// here, and then its threads begin here: they need its script, and nothing of ours.
if (self.name.startsWith("em-pthread")) void fetchRuntime();
else {
  const answer = serve(runtime, (message, transfer) => self.postMessage(message, { transfer }));
  self.onmessage = ({ data }: MessageEvent<Question>) => answer(data);
}
