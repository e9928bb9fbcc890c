"""Changes `openapi.json` in each way that is breaking, and in each that is not. `python3 -m unittest discover .ci`"""

import copy
import json
import unittest
from pathlib import Path

from breaking_changes import allows_breaking, breaking_changes

REFERENCE = json.loads((Path(__file__).parent.parent / "openapi.json").read_text())
CREATE = ("paths", "/client/{clientId}/customer", "post")
CUSTOMER = ("components", "schemas", "Customer")
BODY = ("components", "schemas", "CustomerCreate")
CODES = ("components", "schemas", "Problem", "properties", "code", "enum")
PARAMETER = {"name": "new", "in": "query", "required": False, "schema": {"type": "string"}}

# The place of a change, the change, and the expected report.
BREAKING = {
    "an operation is removed": (CREATE[:2], lambda path: path.pop("post"), "createCustomer"),
    "an operation is renamed": (CREATE, lambda post: post.update(operationId="other"), "createCustomer"),
    "a role is removed": (CREATE, lambda post: post["security"].pop(), "createCustomer"),
    "a response is removed": (CREATE, lambda post: post["responses"].pop("200"), "createCustomer"),
    "a header is removed": (CREATE, lambda post: post["responses"]["201"]["headers"].pop("ETag"), "createCustomer 201"),
    "a parameter is removed": (CREATE, lambda post: post["parameters"].pop(), "createCustomer If-None-Match"),
    "a parameter becomes required": (
        CREATE, lambda post: post["parameters"][-1].update(required=True), "createCustomer If-None-Match"),
    "a new parameter is required": (
        CREATE, lambda post: post["parameters"].append(PARAMETER | {"required": True}), "createCustomer new"),
    "a field of a response is removed": (CUSTOMER, lambda schema: schema["properties"].pop("email"), "Customer"),
    "a field of a response becomes optional": (CUSTOMER, lambda schema: schema["required"].remove("phone"), "Customer"),
    "a field of a response gets null": (
        CUSTOMER, lambda schema: schema["properties"]["phone"].update(type=["string", "null"]), "Customer.phone"),
    "a field of a response gets a value": (
        CUSTOMER, lambda schema: schema["properties"]["priorityType"]["enum"].append("NEW"), "Customer.priorityType"),
    "a field of a response loses its pattern": (
        CUSTOMER, lambda schema: schema["properties"]["phone"].pop("pattern"), "Customer.phone"),
    "a field of a request is removed": (BODY, lambda schema: schema["properties"].pop("email"), "CustomerCreate"),
    "a field of a request becomes required": (BODY, lambda schema: schema["required"].append("email"), "CustomerCreate"),
    "a new field of a request is required": (
        BODY,
        lambda schema: (schema["properties"].update(new={"type": "string"}), schema["required"].append("new")),
        "CustomerCreate",
    ),
    "a field of a request loses null": (
        BODY, lambda schema: schema["properties"]["email"].update(type="string"), "CustomerCreate.email"),
    "a field of a request changes its type": (
        BODY, lambda schema: schema["properties"]["email"].update(type=["integer", "null"]), "CustomerCreate.email"),
    "a field of a request becomes shorter": (
        BODY, lambda schema: schema["properties"]["email"].update(maxLength=10), "CustomerCreate.email"),
    "a field of a request gets another format": (
        BODY, lambda schema: schema["properties"]["email"].update(format="email"), "CustomerCreate.email"),
    "a list of a request becomes shorter": (
        BODY, lambda schema: schema["properties"]["tags"].update(maxItems=10), "CustomerCreate.tags"),
    "a list of a request takes no entry twice": (
        BODY, lambda schema: schema["properties"]["tags"].update(uniqueItems=True), "CustomerCreate.tags"),
    "an entry of a list becomes shorter": (
        BODY, lambda schema: schema["properties"]["tags"]["items"].update(maxLength=10), "CustomerCreate.tags[]"),
    "a nested field is removed": (
        ("components", "schemas", "TagRule"), lambda schema: schema["properties"].pop("tag"), "TagRule"),
    "a closed schema of a response gets a field": (
        ("components", "schemas", "Reference"),
        lambda schema: schema["properties"].update(new={"type": "string"}),
        "Reference",
    ),
    "a code is removed": (CODES, lambda codes: codes.remove("phone_taken"), "Problem.code"),
    "a code gets another status": (
        ("components", "responses", "precondition_failed", "content", "application/problem+json", "examples"),
        lambda examples: examples["precondition_failed"]["value"].update(status=409),
        "precondition_failed",
    ),
}
COMPATIBLE = {
    "nothing changes": (CREATE, lambda post: None),
    "a new operation": (
        ("paths",), lambda paths: paths.update({"/new": {"get": paths[CREATE[1]]["post"] | {"operationId": "new"}}})),
    "a new role": (CREATE, lambda post: post["security"].append({"bearer": ["new"]})),
    "a new optional parameter": (CREATE, lambda post: post["parameters"].append(PARAMETER)),
    "a new header": (CREATE, lambda post: post["responses"]["201"]["headers"].update(New={"schema": {"type": "string"}})),
    "a new field of a response": (CUSTOMER, lambda schema: schema["properties"].update(new={"type": "string"})),
    "a new optional field of a request": (BODY, lambda schema: schema["properties"].update(new={"type": "string"})),
    "a required field of a request becomes optional": (BODY, lambda schema: schema["required"].remove("phone")),
    "a field of a request becomes longer": (BODY, lambda schema: schema["properties"]["email"].update(maxLength=1000)),
    "a new code": (CODES, lambda codes: codes.append("new")),
    "another text": (CUSTOMER, lambda schema: schema.update(description="new")),
    "another example": (CREATE, lambda post: post["requestBody"]["content"]["application/json"].pop("examples")),
}


def changed(place, change):
    document = copy.deepcopy(REFERENCE)
    part = document
    for name in place:
        part = part[name]
    change(part)
    return document


class BreakingChanges(unittest.TestCase):
    def test_breaking_change_is_told_with_its_place(self):
        for name, (place, change, told) in BREAKING.items():
            with self.subTest(name):
                found = breaking_changes(REFERENCE, changed(place, change))
                self.assertIn(told, [place for place, _ in found], found)

    def test_compatible_change_is_not_breaking(self):
        for name, (place, change) in COMPATIBLE.items():
            with self.subTest(name):
                self.assertEqual(breaking_changes(REFERENCE, changed(place, change)), [])

    def test_unknown_keyword_fails(self):
        with self.assertRaises(SystemExit):
            breaking_changes(REFERENCE, changed(BODY, lambda schema: schema.update(allOf=[])))

    def test_only_another_major_or_zeroth_minor_version_may_break(self):
        for old, new, allows in [
            ("0.1.0", "0.1.0", False), ("0.1.0", "0.1.1", False), ("0.1.0", "0.2.0", True), ("0.9.0", "1.0.0", True),
            ("1.2.0", "1.3.0", False), ("1.2.0", "2.0.0", True), ("2.0.0", "1.9.0", False),
        ]:
            with self.subTest(f"{old} to {new}"):
                documents = ({"info": {"version": version}} for version in (old, new))
                self.assertEqual(allows_breaking(*documents), allows)


if __name__ == "__main__":
    unittest.main()
