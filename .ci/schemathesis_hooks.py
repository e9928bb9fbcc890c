"""Facts about the API that schemathesis needs and that a JSON schema cannot express."""

import json
import os
import re
import unicodedata
import zlib

import requests
import schemathesis
import yaml
from hypothesis import strategies as st
from schemathesis.specs.openapi import stateful

with open(".ci/formats.yaml") as file:
    PATTERNS = yaml.safe_load(file)

# What the formats leave out, beyond the Basic Multilingual Plane: invisible characters and noncharacters
# (`shared/src/domain/text.rs`). They follow the last character of each list.
INVISIBLE = "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
NONCHARACTERS = "".join(f"{chr(plane + 0xFFFE)}-{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
for name, pattern in PATTERNS.items():
    pattern = pattern.replace(r"\ufff0-\ufffb", r"\ufff0-\ufffb" + INVISIBLE)
    PATTERNS[name] = pattern.replace(r"\ufffe-\uffff", r"\ufffe-\uffff" + NONCHARACTERS)


def add_patterns(value):
    if isinstance(value, dict):
        pattern = PATTERNS.get(value.get("format")) if isinstance(value.get("format"), str) else None
        if pattern is not None:
            value["pattern"] = pattern
        value = list(value.values())
    if isinstance(value, list):
        for entry in value:
            add_patterns(entry)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Adds the patterns of the formats. The document only names the formats, because people read it, but schemathesis
    needs the patterns to know which values are invalid."""
    add_patterns(raw_schema)


# Valid numbers of several countries, in several spellings.
PHONES = st.one_of(
    # Ireland, the default region for numbers without a country code.
    st.builds(
        lambda form, number: form.format(n=number, a=number[:3], b=number[3:]),
        st.sampled_from(
            ["087{n}", "087 {a} {b}", "(087) {a}-{b}", "+35387{n}", "0035387{n}", "+353 (0)87 {a} {b}", "tel:+353-87-{a}-{b}"]
        ),
        st.from_regex(r"[2-9][0-9]{6}", fullmatch=True),
    ),
    st.from_regex(r"\+4479110[0-9]{5}", fullmatch=True),
    st.from_regex(r"\+1 ?\(212\) ?555-01[0-9]{2}", fullmatch=True),
    st.from_regex(r"\+39 06 698 [0-9]{5}", fullmatch=True),
    st.from_regex(r"\+33 6 12( [0-9]{2}){3}", fullmatch=True),
    # The shortest and the longest numbers: 6 and 15 digits.
    st.from_regex(r"\+989601", fullmatch=True),
    st.from_regex(r"\+49 ?30 ?[1-9][0-9]{3,10}", fullmatch=True),
    st.from_regex("０８７[２-９][０-９]{6}", fullmatch=True),
)

schemathesis.openapi.format("phone", PHONES)

# Values of `If-Match`: versions, tags that are never issued, and weak tags.
ENTITY_TAG = st.from_regex(r'(W/)?"[1-9]"|"[!#-+\--~]{0,20}"', fullmatch=True)
ENTITY_TAGS = st.just("*") | st.lists(ENTITY_TAG, min_size=1, max_size=4).map(", ".join)
schemathesis.openapi.format("entity-tags", ENTITY_TAGS)

# Letters, marks and digits of any script, composed or not. The limit of 40 also applies to the folded tag; some letters
# fold to three characters.
def is_tag(value):
    folded = unicodedata.normalize("NFC", value.strip()).replace("ẞ", "ss").upper()
    signs = {unicodedata.category(sign)[0] if sign not in " -_" else "_" for sign in folded}
    numbers = {unicodedata.category(sign) for sign in folded if unicodedata.category(sign)[0] == "N"}
    longest = max(len(unicodedata.normalize("NFC", text)) for text in (value, folded))
    return 1 <= len(folded) and longest <= 40 and signs <= {"L", "M", "N", "_"} and numbers <= {"Nd"}


# Invisible letters and marks, which a tag must not contain.
INVISIBLE = "".join(
    chr(code)
    for first, last in [
        (0x34F, 0x34F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    ]
    for code in range(first, last + 1)
)
TAG_SIGNS = st.characters(
    categories=["Lu", "Ll", "Lo", "Lm", "Mn", "Mc", "Nd"], include_characters=" -_", exclude_characters=INVISIBLE
)
schemathesis.openapi.format("tag", st.text(TAG_SIGNS, min_size=1, max_size=40).filter(is_tag))


# The first operations of a chain of requests. By default schemathesis does not start with a create, because no
# operation creates the tenant in its path, and would follow no link.
CREATES = ("createCustomer", "createBrandCustomer")
stateful.is_likely_root_transition = lambda operation, *_: operation.definition.raw["operationId"] in CREATES


# A generated path hardly ever names an existing record, and never the token's tenant, so most valid ids are replaced.
# The other ids, and values that are not ids, stay as generated.
TENANT = "demo"
REGION = "IE"
# The id of the caller, if the caller is a passenger.
OWN = os.environ.get("OWN")
BRANDS = ["city", "night"]
live = []
seen = set()


def is_id(value):
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value)


def operation_id(case):
    return case.operation.definition.raw["operationId"]


def subject(value):
    """The subject of a rule. `vip` and `VIP` are the same tag, and 60 and 60.0 are the same number."""
    if isinstance(value, str):
        return value.strip().upper()
    return value if isinstance(value, (int, float)) else repr(value)


def one_for_each(rules, key):
    """Keeps the first rule of each subject. A schema cannot express that subjects must differ."""
    kept = {}
    for rule in rules:
        kept.setdefault(key(rule), rule)
    return list(kept.values())


def keep_rules_apart(settings):
    for field, key in (("tagRules", "tag"), ("loyaltyRules", "miles")):
        rules = settings.get(field)
        if isinstance(rules, list) and all(isinstance(rule, dict) and key in rule for rule in rules):
            settings[field] = one_for_each(rules, lambda rule: subject(rule[key]))


def in_full(address, dice):
    """Adds the required fields of a new address, because most generated bodies lack some. Some bodies stay incomplete;
    they are updates or 422."""
    return {"address": "1 Main Street", "latitude": dice % 90, "longitude": dice % 180, **address}


def include_addresses(query):
    """`addressLimit` and `addressOrder` are only valid with `include=addresses`, which no schema can say."""
    include = query.get("include") or ""
    words = include.split(",") if isinstance(include, str) else include
    if "addresses" not in words and ("addressLimit" in query or "addressOrder" in query):
        query["include"] = "addresses"


# The passwords that are refused because many people have them.
with open("shared/src/domain/password/common.txt", encoding="utf-8") as file:
    COMMON_PASSWORDS = set(file.read().split("\n"))


def choose_rare_password(body):
    password = body.get("password")
    if isinstance(password, str) and unicodedata.normalize("NFC", password).lower() in COMMON_PASSWORDS:
        body["password"] = f"{password}, but longer"


# A search has at most one of these, which no schema can say.
QUESTIONS = {
    "name": ["byr", "aoife by", "byrne, ao", "O'Brien", "王"],
    "email": ["aoife@example.com"],
    "phoneEnding": ["4567", "0871 234 567"],
}


def ask_one_question(query):
    """Keeps one question, which is mostly a valid one, and drops the cursor, because a generated one is never valid."""
    dice = zlib.crc32(repr(sorted(query.items())).encode())
    asked = [name for name in QUESTIONS if name in query]
    kept = asked[dice % len(asked)] if asked else None
    for name in asked:
        if name != kept:
            del query[name]
    if kept and dice % 4:
        query[kept] = QUESTIONS[kept][dice % len(QUESTIONS[kept])]
    query.pop("cursor", None)


@schemathesis.hook
def before_call(context, case, kwargs):
    # Determined before the case is changed; see the end of this function.
    positive = is_positive(case)
    # Not in a chain of requests, because another chain may have deleted the record.
    is_chain = case.meta is not None and case.meta.phase.name.value == "stateful"
    if operation_id(case) == "putCustomerSettings" and isinstance(case.body, dict):
        keep_rules_apart(case.body)
    if positive and case.query:
        include_addresses(case.query)
    if positive and isinstance(case.body, dict):
        choose_rare_password(case.body)
    path = case.path_parameters
    if not isinstance(path, dict):
        return
    dice = zlib.crc32(repr([sorted(path.items()), case.body]).encode())
    if operation_id(case) == "searchCustomers" and positive and case.query:
        ask_one_question(case.query)
    if is_id(path.get("clientId")) and dice % 32:
        path["clientId"] = TENANT
    if is_id(path.get("brandId")) and dice % 4 and path["brandId"] not in BRANDS:
        path["brandId"] = BRANDS[dice % len(BRANDS)]
    if OWN and is_id(path.get("customerId")) and dice % 8:
        path["customerId"] = OWN
    elif not is_chain and is_id(path.get("customerId")) and path["customerId"] not in seen and live and dice % 4:
        path["customerId"] = live[-1 - dice % min(len(live), 8)]
    if operation_id(case) == "saveAddress" and isinstance(case.body, dict) and positive and dice % 4:
        case.body = in_full(case.body, dice)
    # A value that is meant to be an invalid tag can be valid by chance.
    if not positive and isinstance(path.get("tagName"), str) and is_tag(path["tagName"]):
        path["tagName"] += "!"
    # With a generated precondition nearly every write would be 412.
    for header in ("If-Match", "If-None-Match"):
        if case.headers and header in case.headers and positive and dice % 8:
            del case.headers[header]
    # The changes keep valid cases valid and invalid cases invalid. Without this call schemathesis would check again
    # with the encoded path, and every % would look like an invalid character of a tag.
    case._record_starting_state()


def set_region_back(case, response):
    """Restores the region, because otherwise later numbers without a country code would belong to another country."""
    settings = json.loads(response.content)
    if settings["region"] != REGION:
        url = f"{os.environ['API']}/client/{TENANT}/customersettings"
        authorization = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
        requests.put(url, json={**settings, "region": REGION}, headers=authorization, timeout=10).raise_for_status()


@schemathesis.hook
def after_call(context, case, response):
    operation = operation_id(case)
    if operation == "putCustomerSettings" and response.status_code == 200:
        set_region_back(case, response)
    if operation in CREATES and response.status_code in (200, 201):
        customer = json.loads(response.content)["id"]
        if customer not in seen:
            seen.add(customer)
            live.append(customer)
    elif operation == "deleteCustomer" and response.status_code == 204:
        gone = case.path_parameters.get("customerId")
        if gone in live:
            live.remove(gone)


@schemathesis.check
def save_address_refuses_only_missing_fields(context, response, case):
    """The configuration allows `saveAddress` to respond to a valid body with 422, because a new address needs more fields
    and only the table shows whether an address is new. This check limits such a response to these missing fields."""
    if operation_id(case) == "saveAddress" and response.status_code == 422 and is_positive(case):
        for error in json.loads(response.content)["errors"]:
            wanted = error.get("code") == "required" and error.get("pointer") in ("/address", "/latitude", "/longitude")
            assert wanted, f"a valid body was refused: {error}"


# What no schema can say about a question: a name has two letters, and digits are the end of a phone.
REFUSED_QUESTIONS = {
    ("name", "too_short"),
    ("name", "empty"),
    ("email", "invalid_email"),
    ("phoneEnding", "invalid_phone_ending"),
}


@schemathesis.check
def a_search_refuses_only_questions_that_no_schema_describes(context, response, case):
    """The configuration allows `searchCustomers` to respond to a valid question with 422. This check limits such a
    response to the reasons above."""
    if operation_id(case) == "searchCustomers" and response.status_code == 422 and is_positive(case):
        for error in json.loads(response.content)["errors"]:
            reason = (error.get("parameter"), error.get("code"))
            assert reason in REFUSED_QUESTIONS, f"a valid question was refused: {error}"


# The result of the last write, as parameters of other operations.
made = {}
UNLINKED_IS_GONE = ("getBrandCustomer", "updateBrandCustomer", "listBrandAddresses", "getAccountCustomer")


@schemathesis.check
def a_new_record_is_found(context, response, case):
    """The configuration excludes some operations from `ensure_resource_availability`, because a customer may have been
    unlinked in the meantime. Directly after its creation, a customer must be found."""
    operation = operation_id(case)
    asked = dict(case.path_parameters or {}) | dict(case.query or {})
    for name in ("clientId", "include", "addressLimit", "addressOrder"):
        asked.pop(name, None)
    if operation in (*UNLINKED_IS_GONE, "findCustomerByPhone") and response.status_code == 404:
        assert not (asked and made and asked.items() <= made.items()), f"404 for a new record: {asked}"
    if response.status_code in (200, 201) and operation in CREATES:
        customer = json.loads(response.content)
        made.clear()
        made.update(asked, customerId=customer["id"], phone=customer["phone"])
    elif response.status_code == 200 and operation in ("linkBrand", "linkAccount"):
        made.clear()
        made.update(asked)
    elif case.operation.method.upper() != "GET":
        made.clear()


def is_positive(case):
    return case.meta is not None and case.meta.generation.mode.is_positive
