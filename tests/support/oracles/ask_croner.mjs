// Asks croner when expressions fire. Arguments: the folders of the versions, as 9.1=/path 10.0=/path.
// Input: one JSON array of [version, expression, zone, milliseconds, how many]; output: for each the next runs in
// milliseconds, or what croner says when it refuses. The clock shows those milliseconds, since croner 9.1 looks at it.
import { readFileSync } from "node:fs";

const croners = {};
for (const argument of process.argv.slice(2)) {
  const [version, folder] = argument.split("=");
  croners[version] = (await import(`${folder}/dist/croner.js`)).Cron;
}

const RealDate = Date;
let now = 0;
globalThis.Date = class extends RealDate {
  constructor(...values) {
    values.length ? super(...values) : super(now);
  }
};

const answers = JSON.parse(readFileSync(0, "utf8")).map(([version, expression, zone, at, count]) => {
  now = at;
  let cron;
  try {
    cron = new croners[version](expression, { timezone: zone });
  } catch (error) {
    return String(error.message);
  }
  try {
    return cron.nextRuns(count, new Date(at)).map((run) => run.getTime());
  } catch (error) {
    if (error instanceof RangeError && error.message.startsWith("Maximum call stack")) return []; // it found none
    return String(error.message);
  }
});
process.stdout.write(JSON.stringify(answers));
