// `findCustomerByPhone` as a Node.js function: the same two calls of DynamoDB and the same answer as `customers`.

import { DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { serve } from "./runtime.mjs";

const TABLE = process.env.TABLE_NAME;
const dynamodb = new DynamoDBClient({ endpoint: process.env.DYNAMODB_ENDPOINT });

const TIERS = ["ELITE_PLUS", "ELITE", "PLATINUM", "GOLD", "SILVER", "REGULAR", "REGULAR_2", "REGULAR_3"];
const KEPT_FOR = 60_000;
const kept = new Map();

async function item(pk, sk) {
  const key = { pk: { S: pk }, sk: { S: sk } };
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: TABLE, Key: key, ConsistentRead: true }));
  return Item && unmarshall(Item);
}

/** The tenant's settings, at most a minute old. */
async function settingsOf(client) {
  let found = kept.get(client);
  if (!found || Date.now() - found.read >= KEPT_FOR) {
    found = { read: Date.now(), settings: (await item(`${client}#SETTINGS`, "SETTINGS")) ?? {} };
    kept.set(client, found);
  }
  return found.settings;
}

async function customerByPhone(client, phone) {
  const { Items } = await dynamodb.send(
    new QueryCommand({
      TableName: TABLE,
      IndexName: "phone",
      KeyConditionExpression: "gsi1pk = :phone",
      ExpressionAttributeValues: { ":phone": { S: `${client}#PHONE#${phone}` } },
      Limit: 1,
    }),
  );
  const customer = Items.length ? await item(Items[0].pk.S, "PROFILE") : undefined;
  return customer?.phone === phone ? customer : undefined;
}

function effectivePriority(customer, settings) {
  const best = (rules) => Math.min(...rules.map((rule) => rule.priority));
  const tagRules = settings.tagRules ?? [{ tag: "VIP", priority: 20 }];
  const loyaltyRules = settings.loyaltyRules ?? [];
  const rules = [
    [customer.minPriority ?? Infinity, "MINIMUM"],
    [best(tagRules.filter((rule) => customer.tags?.has(rule.tag))), "TAG"],
    [best(loyaltyRules.filter((rule) => rule.miles <= customer.loyaltyMiles)), "LOYALTY"],
  ];
  return rules.reduce((found, rule) => (rule[0] < found[0] ? rule : found), [customer.priority, "ASSIGNED"]);
}

const reference = (id) => (id === undefined ? null : { id });
const references = (ids) => [...(ids ?? [])].sort().map((id) => ({ id }));
const author = (actor) => (actor === undefined ? null : { role: actor.role, subject: actor.subject ?? null });

function shown(customer, settings) {
  const [priority, reason] = effectivePriority(customer, settings);
  return {
    id: customer.id,
    phone: customer.phone,
    email: customer.email ?? null,
    firstName: customer.firstName ?? null,
    lastName: customer.lastName ?? null,
    defaultAccount: reference(customer.defaultAccount),
    defaultBrand: reference(customer.defaultBrand),
    accounts: references(customer.accounts),
    accountDepartments: references(customer.accountDepartments),
    brands: references(customer.brands),
    clientCapabilities: references(customer.clientCapabilities),
    tags: [...(customer.tags ?? [])].sort(),
    priority,
    priorityType: TIERS[Math.floor(priority / 10) - 1],
    priorityReason: reason,
    assignedPriority: customer.priority,
    minPriority: customer.minPriority ?? null,
    loyaltyMiles: customer.loyaltyMiles,
    rating: customer.rating,
    driverNote: customer.driverNote ?? null,
    managementNote: customer.managementNote ?? null,
    active: customer.active,
    phoneVerifiedDate: customer.phoneVerifiedDate ?? null,
    createdDate: customer.createdDate,
    createdBy: author(customer.createdBy),
    updatedDate: customer.updatedDate,
    updatedBy: author(customer.updatedBy),
    version: customer.version,
  };
}

async function handler(event) {
  const { clientId } = event.requestContext.authorizer;
  const settings = await settingsOf(clientId);
  const region = settings.region ?? process.env.DEFAULT_REGION;
  const phone = parsePhoneNumberFromString(event.queryStringParameters.phone, region);
  if (!phone?.isValid()) {
    return { statusCode: 422, body: "{}" };
  }
  const customer = await customerByPhone(clientId, phone.number);
  if (!customer) {
    return { statusCode: 404, body: "{}" };
  }
  const headers = { "content-type": "application/json", "cache-control": "no-store", etag: `"${customer.version}"` };
  return { statusCode: 200, headers, body: JSON.stringify(shown(customer, settings)) };
}

await serve(handler);
