// Calls a service by xDS, up to two hundred times a second, and says each second which pods answered.
const grpc = require("@grpc/grpc-js");
require("@grpc/grpc-js-xds").register(); // makes "xds:" a scheme that gRPC knows

const bytes = { serialize: (value) => value, deserialize: (buffer) => buffer };
const client = new grpc.Client(process.argv[2], grpc.credentials.createInsecure());
let answers = {};

function count(pod) {
  answers[pod] = (answers[pod] ?? 0) + 1;
}

setInterval(() => {
  const call = client.makeUnaryRequest(
    "/grpc.health.v1.Health/Check",
    bytes.serialize,
    bytes.deserialize,
    Buffer.alloc(0), // its empty request has no bytes
    new grpc.Metadata(),
    { deadline: Date.now() + 5000 },
    (error) => {
      if (error) {
        console.log(`error: ${error.code} ${error.details}`);
        count("failed");
      }
    },
  );
  call.on("metadata", (headers) => headers.get("pod").forEach(count));
}, 5);

setInterval(() => {
  console.log(
    Object.keys(answers)
      .sort()
      .map((pod) => `${pod}=${answers[pod]}`)
      .join(" "),
  );
  answers = {};
}, 1000);
