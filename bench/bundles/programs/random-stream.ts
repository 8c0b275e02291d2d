import { randomStream } from "gradus/random";

const stream = randomStream(1);
console.log(stream.uniform(), stream.fillNormal(new Float64Array(3)));
