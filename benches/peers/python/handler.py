"""`findCustomerByPhone` as a Python function: the same two calls of DynamoDB and the same answer as `customers`."""

import json
import math
import os
import time

import boto3
import phonenumbers
from boto3.dynamodb.types import TypeDeserializer

TABLE = os.environ["TABLE_NAME"]
DYNAMODB = boto3.client("dynamodb", endpoint_url=os.environ["DYNAMODB_ENDPOINT"])

TIERS = ["ELITE_PLUS", "ELITE", "PLATINUM", "GOLD", "SILVER", "REGULAR", "REGULAR_2", "REGULAR_3"]
KEPT_FOR = 60
kept = {}


class Plain(TypeDeserializer):
    """Numbers are integers here, so they need no Decimal."""

    def _deserialize_n(self, value):
        return int(value)


deserialize = Plain().deserialize


def item(pk, sk):
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    found = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    return found and {name: deserialize(value) for name, value in found.items()}


def settings_of(client):
    """The tenant's settings, at most a minute old."""
    read, settings = kept.get(client, (-math.inf, None))
    if time.monotonic() - read >= KEPT_FOR:
        settings = item(f"{client}#SETTINGS", "SETTINGS") or {}
        kept[client] = (time.monotonic(), settings)
    return settings


def customer_by_phone(client, phone):
    hits = DYNAMODB.query(
        TableName=TABLE,
        IndexName="phone",
        KeyConditionExpression="gsi1pk = :phone",
        ExpressionAttributeValues={":phone": {"S": f"{client}#PHONE#{phone}"}},
        Limit=1,
    )["Items"]
    customer = item(hits[0]["pk"]["S"], "PROFILE") if hits else None
    return customer if customer and customer["phone"] == phone else None


def effective_priority(customer, settings):
    tag_rules = settings.get("tagRules", [{"tag": "VIP", "priority": 20}])
    loyalty_rules = settings.get("loyaltyRules", [])
    by_tag = [rule["priority"] for rule in tag_rules if rule["tag"] in customer.get("tags", ())]
    by_loyalty = [rule["priority"] for rule in loyalty_rules if rule["miles"] <= customer["loyaltyMiles"]]
    rules = [
        (customer["priority"], "ASSIGNED"),
        (customer.get("minPriority", math.inf), "MINIMUM"),
        (min(by_tag, default=math.inf), "TAG"),
        (min(by_loyalty, default=math.inf), "LOYALTY"),
    ]
    return min(rules, key=lambda rule: rule[0])


def reference(identifier):
    return None if identifier is None else {"id": identifier}


def references(identifiers):
    return [{"id": identifier} for identifier in sorted(identifiers or ())]


def author(actor):
    return None if actor is None else {"role": actor["role"], "subject": actor.get("subject")}


def shown(customer, settings):
    priority, reason = effective_priority(customer, settings)
    get = customer.get
    return {
        "id": customer["id"],
        "phone": customer["phone"],
        "email": get("email"),
        "firstName": get("firstName"),
        "lastName": get("lastName"),
        "defaultAccount": reference(get("defaultAccount")),
        "defaultBrand": reference(get("defaultBrand")),
        "accounts": references(get("accounts")),
        "accountDepartments": references(get("accountDepartments")),
        "brands": references(get("brands")),
        "clientCapabilities": references(get("clientCapabilities")),
        "tags": sorted(get("tags", ())),
        "priority": priority,
        "priorityType": TIERS[priority // 10 - 1],
        "priorityReason": reason,
        "assignedPriority": customer["priority"],
        "minPriority": get("minPriority"),
        "loyaltyMiles": customer["loyaltyMiles"],
        "rating": customer["rating"],
        "driverNote": get("driverNote"),
        "managementNote": get("managementNote"),
        "active": customer["active"],
        "phoneVerifiedDate": get("phoneVerifiedDate"),
        "createdDate": customer["createdDate"],
        "createdBy": author(get("createdBy")),
        "updatedDate": customer["updatedDate"],
        "updatedBy": author(get("updatedBy")),
        "version": customer["version"],
    }


def handler(event, _):
    client = event["requestContext"]["authorizer"]["clientId"]
    settings = settings_of(client)
    region = settings.get("region", os.environ["DEFAULT_REGION"])
    try:
        phone = phonenumbers.parse(event["queryStringParameters"]["phone"], region)
    except phonenumbers.NumberParseException:
        return {"statusCode": 422, "body": "{}"}
    if not phonenumbers.is_valid_number(phone):
        return {"statusCode": 422, "body": "{}"}
    e164 = phonenumbers.format_number(phone, phonenumbers.PhoneNumberFormat.E164)
    customer = customer_by_phone(client, e164)
    if customer is None:
        return {"statusCode": 404, "body": "{}"}
    headers = {"content-type": "application/json", "cache-control": "no-store", "etag": f'"{customer["version"]}"'}
    return {"statusCode": 200, "headers": headers, "body": json.dumps(shown(customer, settings), ensure_ascii=False)}
