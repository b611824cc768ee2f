// Calls for some seconds, so many at a time, and says which pods answered and what failed: target number seconds [header value]
const grpc = require("@grpc/grpc-js");
require("@grpc/grpc-js-xds").register();

const [target, number, seconds, header, value] = process.argv.slice(2);
const bytes = { serialize: (it) => it, deserialize: (it) => it };
const client = new grpc.Client(target, grpc.credentials.createInsecure());
const counts = {};

function call() {
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

async function work(end) {
  while (Date.now() < end) {
    const answered = await call();
    counts[answered] = (counts[answered] ?? 0) + 1;
    await new Promise((done) => setTimeout(done, 10));
  }
}

client.waitForReady(Date.now() + 20000, async () => {
  await call();
  const end = Date.now() + seconds * 1000;
  await Promise.all(Array.from({ length: number }, () => work(end)));
  console.log(
    Object.keys(counts)
      .sort()
      .map((name) => `${name}=${counts[name]}`)
      .join(" "),
  );
  process.exit(0);
});
