#!/usr/bin/env python3
"""Compares the API reference with the released one, and fails if a client of the released API could stop working.

    .ci/breaking_changes.py [RELEASED NEW]     docs/released/openapi.json and openapi.json

docs/versions.md says what is breaking, and when it is allowed. A keyword of a schema that is not known here fails, so that
none is overlooked. `test_breaking_changes.py` tries each rule.

This is a script of ours because oasdiff is a program in Go, which neither PyPI nor npm has (`@pb33f/openapi-changes` on npm
downloads one when it is installed), and because the packages there that compare documents themselves each overlook several
of the rules or call an addition breaking: api-diff-sentinel 1.0.2, schemawatch 0.1.4, api-schema-diff 1.0.4, breakwatch
0.1.0, api-smart-diff 1.0.6.
"""

import json
import sys
from pathlib import Path

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# Keys of a schema that are not compared: those for people, and those that are compared elsewhere.
NOT_COMPARED = {"description", "example", "examples", "default"}
COMPARED = {
    "type", "enum", "const", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems",
    "uniqueItems", "properties", "required", "additionalProperties", "items", "oneOf", "$ref",
}
# Clients must tolerate a new value of these, and no other one.
OPEN_ENUMS = ("Problem.code",)


class Comparison:
    def __init__(self, old, new):
        self.old, self.new = old, new
        self.breaking = []
        self.compared = set()

    def fail(self, place, what):
        # Many operations share a schema. Each of its changes is reported once.
        if (place, what) not in self.breaking:
            self.breaking.append((place, what))

    def documents(self):
        old, new = operations(self.old), operations(self.new)
        for name, (path, method, operation) in old.items():
            if name not in new:
                self.fail(name, "the operation is gone")
            elif new[name][:2] != (path, method):
                self.fail(name, "the operation has another method or path")
            else:
                self.operation(name, operation, new[name][2])
        old_codes, new_codes = codes(self.old), codes(self.new)
        for code, statuses in old_codes.items():
            if code in new_codes and new_codes[code] != statuses:
                self.fail(code, f"the code has another status: {sorted(new_codes[code])}, not {sorted(statuses)}")

        # Every problem has this schema.
        problem = {"$ref": "#/components/schemas/Problem"}
        self.schema("Problem", problem, problem, False)

    def operation(self, name, old, new):
        if new["security"] and not old["security"]:
            self.fail(name, "it needs a token")
        for role in sorted(roles(old) - roles(new) if new["security"] else ()):
            self.fail(name, f"the role {role} may not call it")
        self.parameters(name, old, new)
        self.body(name, old.get("requestBody"), new.get("requestBody"))
        for status, response in old["responses"].items():
            if status.startswith("2"):
                if status in new["responses"]:
                    self.response(f"{name} {status}", response, new["responses"][status])
                else:
                    self.fail(name, f"it has no response {status}")

    def parameters(self, name, old, new):
        old, new = ({(one["in"], one["name"]): one for one in operation["parameters"]} for operation in (old, new))
        for key, parameter in new.items():
            place = f"{name} {key[1]}"
            if key in old:
                if parameter["required"] and not old[key]["required"]:
                    self.fail(place, "the parameter is required")
                self.schema(place, old[key]["schema"], parameter["schema"], True)
            elif parameter["required"]:
                self.fail(place, "a new parameter is required")
        for key in old.keys() - new.keys():
            self.fail(f"{name} {key[1]}", "the parameter is gone")

    def body(self, name, old, new):
        if old is None or new is None:
            if old is not None:
                self.fail(name, "it takes no body")
            elif new is not None and new["required"]:
                self.fail(name, "it requires a body")
            return
        if new["required"] and not old["required"]:
            self.fail(name, "it requires a body")
        self.content(name, old, new, True)

    def response(self, place, old, new):
        for header, described in old.get("headers", {}).items():
            if header not in new.get("headers", {}):
                self.fail(place, f"it has no header {header}")
                continue
            described, now = self.resolve(self.old, described), self.resolve(self.new, new["headers"][header])
            if described.get("required") and not now.get("required"):
                self.fail(f"header {header}", "it can be missing")
            self.schema(f"header {header}", described["schema"], now["schema"], False)
        self.content(place, old, new, False)

    def content(self, place, old, new, is_request):
        for media_type, content in old.get("content", {}).items():
            if media_type in new.get("content", {}):
                self.schema(place, content["schema"], new["content"][media_type]["schema"], is_request)
            else:
                self.fail(place, f"it has no {media_type}")

    def schema(self, place, old, new, is_request):
        """Compares a schema of requests or of responses."""
        # A named schema is reported with its name and compared once.
        if "$ref" in old and "$ref" in new:
            place = old["$ref"].split("/")[-1]
            key = (old["$ref"], new["$ref"], is_request)
            if key in self.compared:
                return
            self.compared.add(key)
        old, new = self.plain(place, self.old, old), self.plain(place, self.new, new)
        self.types(place, old, new, is_request)
        self.values(place, old, new, is_request)
        if is_request:
            self.limits(place, old, new)
        for name in ("format", "pattern"):
            # It is unknown which of the two is stricter.
            narrows, widens = name in new and is_request, name in old and not is_request
            if old.get(name) != new.get(name) and (narrows or widens) and not is_size(old.get(name), new.get(name)):
                self.fail(place, f"{name} is {new.get(name)!r}, not {old.get(name)!r}")
        if "properties" in old and "properties" in new:
            self.fields(place, old, new, is_request)
        if "items" in old and "items" in new:
            self.schema(f"{place}[]", old["items"], new["items"], is_request)

    def types(self, place, old, new, is_request):
        before, after = (old["type"], new["type"]) if is_request else (new["type"], old["type"])
        # A number may be an integer.
        lost = {one for one in before - after if not (one == "integer" and "number" in after)}
        if lost and is_request:
            self.fail(place, f"it cannot be {', '.join(sorted(lost))}")
        elif lost:
            self.fail(place, f"it can be {', '.join(sorted(lost))}")

    def values(self, place, old, new, is_request):
        before, after = old.get("enum"), new.get("enum")
        gone = [value for value in before or () if after is not None and value not in after]
        added = [value for value in after or () if before is not None and value not in before]
        if is_request and before is None and after is not None:
            self.fail(place, "it takes only some values")
        if not is_request and before is not None and after is None:
            self.fail(place, "it can have any value")
        if gone and (is_request or place in OPEN_ENUMS):
            self.fail(place, f"it has no {gone}")
        if added and not is_request and place not in OPEN_ENUMS:
            self.fail(place, f"it can be {added}")

    def limits(self, place, old, new):
        for name in ("minLength", "minimum", "minItems"):
            if name in new and new[name] > old.get(name, float("-inf")):
                self.fail(place, f"{name} is {new[name]}, not {old.get(name)}")
        for name in ("maxLength", "maximum", "maxItems"):
            if name in new and new[name] < old.get(name, float("inf")):
                self.fail(place, f"{name} is {new[name]}, not {old.get(name)}")

        if new.get("uniqueItems") and not old.get("uniqueItems"):
            self.fail(place, "it takes no entry twice")

    def fields(self, place, old, new, is_request):
        for field, schema in old["properties"].items():
            if field in new["properties"]:
                self.schema(f"{place}.{field}", schema, new["properties"][field], is_request)
            else:
                self.fail(place, f"the field {field} is gone")
        was, is_now = set(old.get("required", ())), set(new.get("required", ()))
        for field in sorted(is_now - was if is_request else was - is_now):
            if is_request or field in new["properties"]:
                self.fail(place, f"the field {field} {'is required' if is_request else 'can be missing'}")
        if is_request and is_closed(new) and not is_closed(old):
            self.fail(place, "it takes no other fields")
        if not is_request and is_closed(old):
            for field in new["properties"].keys() - old["properties"].keys():
                self.fail(place, f"the closed schema has a new field {field}")

    def resolve(self, document, value):
        while "$ref" in value:
            target = document
            for part in value["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            value = target
        return value

    def plain(self, place, document, schema):
        """The schema with its types as a set, without a reference, and without the `oneOf` that makes it nullable."""
        schema = self.resolve(document, schema)
        unknown = schema.keys() - COMPARED - NOT_COMPARED
        if unknown:
            sys.exit(f"{place}: this script does not compare {', '.join(sorted(unknown))}. Teach it to.")
        if "oneOf" in schema:
            others = [one for one in schema["oneOf"] if one.get("type") != "null"]
            if len(others) != 1:
                sys.exit(f"{place}: this script compares no `oneOf` but that of a schema and null. Teach it to.")
            inner = self.plain(place, document, others[0])
            return inner | {"type": inner["type"] | {"null"}}
        if "const" in schema:
            schema = schema | {"enum": [schema["const"]]}
        types = schema["type"]
        return schema | {"type": {types} if isinstance(types, str) else set(types)}


def roles(operation):
    return {role for entry in operation["security"] for role in entry["bearer"]}


def is_closed(schema):
    return schema.get("additionalProperties") is False


def is_size(*formats):
    """Whether these are sizes of integers, whose limits are compared."""
    return all(one in ("int32", "int64", None) for one in formats)


def operations(document):
    return {
        operation["operationId"]: (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def codes(document):
    """The statuses of each code of a problem."""
    found = {}
    for response in document["components"]["responses"].values():
        for example in response["content"]["application/problem+json"]["examples"].values():
            found.setdefault(example["value"]["code"], set()).add(example["value"]["status"])
    return found


def allows_breaking(old, new):
    old, new = ([int(part) for part in document["info"]["version"].split(".")] for document in (old, new))
    return new[:1] > old[:1] if old[0] else new[:2] > old[:2]


def breaking_changes(old, new):
    comparison = Comparison(old, new)
    comparison.documents()
    return comparison.breaking


def main(arguments):
    root = Path(__file__).parent.parent
    paths = arguments or [root / "docs/released/openapi.json", root / "openapi.json"]
    old, new = (json.loads(Path(path).read_text()) for path in paths)
    found = breaking_changes(old, new)
    for place, what in found:
        print(f"breaking: {place}: {what}")
    if found and not allows_breaking(old, new):
        sys.exit(
            "These can break a client of the released API. Undo them, or see `Breaking changes` in docs/versions.md."
        )
    print(f"{len(operations(old))} released operations compared, {len(found)} breaking changes")


if __name__ == "__main__":
    main(sys.argv[1:])
