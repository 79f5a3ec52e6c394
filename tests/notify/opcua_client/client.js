// An OPC UA client, driven over JSON lines: {"do": ..., ...} comes in, {"answer": ...} or {"error": ...} goes out for
// each, in order; between them {"change": ...} and {"event": ...} as they are notified.
"use strict";

const readline = require("node:readline");
const ua = require("node-opcua-client");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");

const EVENT_FIELDS = [
  "EventId", "EventType", "SourceName", "SourceNode", "Time", "Message", "Severity", "ConditionName", "Retain",
  "ActiveState", "ActiveState.Id", "AckedState", "AckedState.Id", "Comment", "ClientUserId", "ConditionClassId",
  "ConditionId",
];
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
let client, session, subscription;

const plain = (variant) => {
  const value = variant.value;
  if (Buffer.isBuffer(value)) return value.toString("hex");
  if (value instanceof ua.NodeId) return value.toString();
  if (variant.dataType === ua.DataType.LocalizedText) return value?.text ?? "";
  if (variant.dataType === ua.DataType.Int64) return value[0] * 2 ** 32 + value[1];
  return value;
};
const reading = (data) => ({
  value: plain(data.value),
  type: ua.DataType[data.value.dataType],
  status: data.statusCode.name,
  time: data.sourceTimestamp,
});

const commands = {
  async connect({ endpoint, folder, identity }) {
    const pki = new OPCUACertificateManager({ rootFolder: folder, automaticallyAcceptUnknownCertificate: true });
    await pki.initialize();
    const secure = identity && {
      securityMode: ua.MessageSecurityMode.SignAndEncrypt,
      securityPolicy: ua.SecurityPolicy.Basic256Sha256,
      certificateFile: identity.certificate,
      privateKeyFile: identity.key,
      applicationUri: identity.uri,
    };
    client = ua.OPCUAClient.create({
      clientCertificateManager: pki,
      connectionStrategy: { maxRetry: 0 },
      endpointMustExist: false,
      transportTimeout: 60000,
      ...secure,
    });
    await client.connect(endpoint);
    session = await client.createSession();
    return await session.readNamespaceArray();
  },
  async browse({ node }) {
    const found = await session.browse(node);
    return found.references.map((each) => ({ name: each.browseName.name, node: each.nodeId.toString() }));
  },
  async read({ node }) {
    return reading(await session.read({ nodeId: node, attributeId: ua.AttributeIds.Value }));
  },
  async write({ node, value }) {
    const wanted = { dataType: ua.DataType.String, value };
    const status = await session.write({ nodeId: node, attributeId: ua.AttributeIds.Value, value: { value: wanted } });
    return status.name;
  },
  async subscribe({ node }) {
    const item = await monitor({ nodeId: node, attributeId: ua.AttributeIds.Value }, { queueSize: 10 });
    item.on("changed", (data) => say({ change: reading(data) }));
    return item.statusCode.name;
  },
  async events({ type }) {
    const filter = ua.constructEventFilter(EVENT_FIELDS, type && ua.ofType(type));
    const server = { nodeId: ua.ObjectIds.Server && `i=${ua.ObjectIds.Server}`, attributeId: ua.AttributeIds.EventNotifier };
    const item = await monitor(server, { queueSize: 100, filter });
    item.on("changed", (fields) =>
      say({ event: Object.fromEntries(EVENT_FIELDS.map((name, n) => [name, plain(fields[n])])) }));
    return item.statusCode.name;
  },
  async refresh() {
    return (await ua.callConditionRefresh(session, subscription.subscriptionId)).name;
  },
  async acknowledge({ condition, event, comment }) {
    return (await ua.acknowledgeCondition(session, condition, Buffer.from(event, "hex"), comment)).name;
  },
  async close() {
    await subscription?.terminate();
    await session?.close();
    await client?.disconnect();
  },
};

async function monitor(what, how) {
  subscription ??= await session.createSubscription2({
    requestedPublishingInterval: 50,
    requestedLifetimeCount: 6000,
    requestedMaxKeepAliveCount: 10,
    publishingEnabled: true,
  });
  return await subscription.monitor(what, { samplingInterval: 0, discardOldest: false, ...how }, ua.TimestampsToReturn.Both);
}

async function main() {
  console.log = console.warn = console.error; // warnings of the library are no answers
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    try {
      say({ answer: (await commands[command.do](command)) ?? null });
    } catch (error) {
      say({ error: String(error.message ?? error) });
    }
  }
  process.exit(0);
}

main();
