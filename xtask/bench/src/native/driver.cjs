// Runs blocks of cycles in wasm: a line in is a count, a line out the nanoseconds of processor time that each took.
const [, module, who, waiting, inFlight] = process.argv;
const { Cycles } = require(module);
const cycles = new Cycles(who, Number(waiting), Number(inFlight));
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const count = Number(line);
  const start = process.cpuUsage();
  cycles.run(count);
  const { user, system } = process.cpuUsage(start);
  console.log(((user + system) * 1_000) / count);
});
