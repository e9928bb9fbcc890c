// An integrator's first calls, with openapi-fetch and the generated types.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Customer = components["schemas"]["Customer"];

const { API, TOKEN } = process.env;
const client = createClient<paths>({ baseUrl: API ?? "", headers: { Authorization: `Bearer ${TOKEN}` } });
const path = { clientId: "demo", brandId: "typescript" };

const created = await client.POST("/client/{clientId}/brand/{brandId}/customer", {
  params: { path },
  body: { phone: "087 765 4321", firstName: "Seán" },
});
assert.equal(created.response.status, 201);
const customer: Customer | undefined = created.data;
assert(customer);
assert.deepEqual([customer.phone, customer.firstName], ["+353877654321", "Seán"]);
assert.equal(customer.defaultBrand?.id, "typescript");
const tier: "REGULAR" | undefined = customer.priorityType === "REGULAR" ? customer.priorityType : undefined;
assert(tier);

const found = await client.GET("/client/{clientId}/customer/phone", {
  params: { path: { clientId: "demo" }, query: { phone: "+353 87 765 4321" } },
});
assert.equal(found.data?.id, customer.id);

const refused = await client.POST("/client/{clientId}/brand/{brandId}/customer", {
  params: { path },
  body: { phone: "087" },
});
assert.equal(refused.error?.code, "validation_failed");
assert.deepEqual(refused.error.errors?.map(({ pointer, code }) => [pointer, code]), [["/phone", "phone_too_short"]]);

// @ts-expect-error: the compiler reports a field that is not in the reference.
const mistyped: components["schemas"]["CustomerCreate"] = { phone: "087 765 4321", fristName: "Seán" };
assert(mistyped);
