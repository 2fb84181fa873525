// The same calls as a queue of Node's would make them: BullMQ with delayed jobs and one worker.
//
//   node bullmq.mjs PACKAGES REDIS_PORT PLATFORM_URL COUNT IN_FLIGHT WARM_UP ANSWER_AFTER
//
// Prints one JSON object a line: when the jobs are due, then the CPU seconds used since.
import { createRequire } from "node:module";
import http from "node:http";

const [packages, redisPort, platform, count, inFlight, warmUp_, after] = process.argv.slice(2);
const warmUp = Number(warmUp_);
const { Queue, Worker } = createRequire(`${packages}/`)("bullmq");
const connection = { host: "127.0.0.1", port: Number(redisPort), maxRetriesPerRequest: null };
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(inFlight) });

function publish(container) {
  const body = `creation_id=${container}&access_token=x`;
  const headers = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Content-Length": body.length,
  };
  return new Promise((resolve, reject) => {
    const request = http.request(
      `${platform}/v1/1/media_publish`,
      { method: "POST", agent, headers },
      (answer) => {
        let text = "";
        answer.on("data", (chunk) => (text += chunk));
        answer.on("end", () => resolve(JSON.parse(text).id));
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

const queue = new Queue("bench", { connection });
await queue.waitUntilReady();
let done = 0;
let wanted = warmUp;
let finish;
const worker = new Worker("bench", (job) => publish(job.data.container), {
  connection,
  concurrency: Number(inFlight),
});
worker.on("completed", () => ++done === wanted && finish());
worker.on("failed", (_, error) => {
  throw error;
});
const ended = () => new Promise((resolve) => (finish = resolve));

const warm = ended();
await queue.addBulk(
  Array.from({ length: warmUp }, (_, n) => ({
    name: "publish",
    data: { container: `warm${n}` },
    opts: { removeOnComplete: true },
  })),
);
await warm;
await new Promise((resolve) =>
  http.request(`${platform}/begin?after=${after}`, { method: "POST" }, resolve).end(),
);
done = 0;
wanted = Number(count);
const due = Date.now() + 3000 + Number(count) * 0.3;
for (let first = 0; first < Number(count); first += 1000) {
  const size = Math.min(1000, Number(count) - first);
  await queue.addBulk(
    Array.from({ length: size }, (_, n) => ({
      name: "publish",
      data: { container: first + n },
      opts: { delay: Math.max(due - Date.now(), 0), removeOnComplete: true },
    })),
  );
}
let began;
const finished = ended();
setTimeout(() => (began = process.cpuUsage()), Math.max(due - Date.now(), 0));
console.log(JSON.stringify({ due: due / 1000 }));
await finished;
const used = process.cpuUsage(began);
console.log(JSON.stringify({ cpu: (used.user + used.system) / 1e6, at: Date.now() / 1000 }));
process.exit(0);
