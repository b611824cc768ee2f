// Calls for some seconds, so many at a time, and says which pods answered and what failed. Each line of its input says what to do:
// target number seconds [header value]
// With the value * it calls two hundred times instead, each time with another value, always the same two hundred.
const readline = require("readline");
const grpc = require("@grpc/grpc-js");
require("@grpc/grpc-js-xds").register();

const PAUSE_MS = Number(process.env.PAUSE_MS ?? 10);
const USERS = 200;
const bytes = { serialize: (it) => it, deserialize: (it) => it };

function call(client, header, value) {
  return new Promise((done) => {
    const metadata = new grpc.Metadata();
    if (header) metadata.set(header, value);
    let pod = "";
    const made = client.makeUnaryRequest(
      "/grpc.health.v1.Health/Check",
      bytes.serialize,
      bytes.deserialize,
      Buffer.alloc(0),
      metadata,
      { deadline: Date.now() + 5000 },
      (error) => done(error ? `failed:${grpc.status[error.code]}` : pod),
    );
    made.on("metadata", (headers) => (pod = headers.get("pod")[0]));
  });
}

async function run(target, number, seconds, header, value) {
  const client = new grpc.Client(target, grpc.credentials.createInsecure());
  await new Promise((done) => client.waitForReady(Date.now() + 20000, done));
  await call(client, header, value);
  const counts = {};
  const end = Date.now() + seconds * 1000;
  const count = (answered) => (counts[answered] = (counts[answered] ?? 0) + 1);
  const work = async () => {
    while (Date.now() < end) {
      count(await call(client, header, value));
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  };
  if (value === "*") {
    for (let i = 0; i < USERS; i++) count(await call(client, header, `u${i}`));
  } else {
    await Promise.all(Array.from({ length: Number(number) }, work));
  }
  client.close();
  return Object.keys(counts)
    .sort()
    .map((name) => `${name}=${counts[name]}`)
    .join(" ");
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log("= " + (await run(...line.split(" "))));
  }
}

main();
