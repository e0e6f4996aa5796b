// Runs blocks of cycles in wasm: a line in is a count, a line out the nanoseconds that each took.
const [, module, who, waiting, inFlight] = process.argv;
const { Cycles } = require(module);
const cycles = new Cycles(who, Number(waiting), Number(inFlight));
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const count = Number(line);
  const start = process.hrtime.bigint();
  cycles.run(count);
  console.log(Number(process.hrtime.bigint() - start) / count);
});
