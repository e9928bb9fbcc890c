"""What schemathesis has to be told about the API that a JSON schema cannot say."""

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
    """The reference names formats, which people can read. Without their patterns schemathesis would not know which
    values are invalid."""
    add_patterns(raw_schema)


# Valid numbers, of several countries and typed in several ways.
PHONES = st.one_of(
    # Ireland, where a deployment's numbers without a prefix belong.
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
    # The shortest and the longest that there are: 6 and 15 digits.
    st.from_regex(r"\+989601", fullmatch=True),
    st.from_regex(r"\+49 ?30 ?[1-9][0-9]{3,10}", fullmatch=True),
    st.from_regex("０８７[２-９][０-９]{6}", fullmatch=True),
)

schemathesis.openapi.format("phone", PHONES)

# What `If-Match` may have: versions, tags that were never given, weak ones.
ENTITY_TAG = st.from_regex(r'(W/)?"[1-9]"|"[!#-+\--~]{0,20}"', fullmatch=True)
ENTITY_TAGS = st.just("*") | st.lists(ENTITY_TAG, min_size=1, max_size=4).map(", ".join)
schemathesis.openapi.format("entity-tags", ENTITY_TAGS)

# Letters, marks and digits of any script, composed or not, up to the limit of 40, which is of the folded tag too: some
# letters fold to three.
def is_tag(value):
    folded = unicodedata.normalize("NFC", value.strip()).replace("ẞ", "ss").upper()
    signs = {unicodedata.category(sign)[0] if sign not in " -_" else "_" for sign in folded}
    numbers = {unicodedata.category(sign) for sign in folded if unicodedata.category(sign)[0] == "N"}
    longest = max(len(unicodedata.normalize("NFC", text)) for text in (value, folded))
    return 1 <= len(folded) and longest <= 40 and signs <= {"L", "M", "N", "_"} and numbers <= {"Nd"}


# Letters and marks that are not seen: no tag has one.
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


# What a chain of requests begins with. Schemathesis would not begin with a create, since nothing in the document makes the
# tenant in its path, and so would follow no link.
CREATES = ("createCustomer", "createBrandCustomer")
stateful.is_likely_root_transition = lambda operation, *_: operation.definition.raw["operationId"] in CREATES


# A generated path hardly ever names something that is there, and never the token's tenant, so most valid ids are
# replaced. The rest go where they say, and so does what is not an id.
TENANT = "demo"
REGION = "IE"
# The customer who calls, if it is a passenger.
OWN = os.environ.get("OWN")
BRANDS = ["city", "night"]
live = []
seen = set()


def is_id(value):
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value)


def operation_id(case):
    return case.operation.definition.raw["operationId"]


def subject(value):
    """What a rule is about: `vip` and `VIP` are one tag, 60 and 60.0 one number."""
    if isinstance(value, str):
        return value.strip().upper()
    return value if isinstance(value, (int, float)) else repr(value)


def one_for_each(rules, key):
    """The first rule about each thing: that no two may be about the same, no schema can say."""
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
    """An address with what a new one needs, since most generated ones have but a part of it. Some stay in part, and are
    422 or an update."""
    return {"address": "1 Main Street", "latitude": dice % 90, "longitude": dice % 180, **address}


def include_addresses(query):
    """`addressLimit` and `addressOrder` are only valid with `include=addresses`, which no schema can say."""
    include = query.get("include") or ""
    words = include.split(",") if isinstance(include, str) else include
    if "addresses" not in words and ("addressLimit" in query or "addressOrder" in query):
        query["include"] = "addresses"


@schemathesis.hook
def before_call(context, case, kwargs):
    # Asked before anything is changed, see the end.
    positive = is_positive(case)
    # Not in a chain of requests, which would meet what another chain has erased.
    is_chain = case.meta is not None and case.meta.phase.name.value == "stateful"
    if operation_id(case) == "putCustomerSettings" and isinstance(case.body, dict):
        keep_rules_apart(case.body)
    if positive and case.query:
        include_addresses(case.query)
    path = case.path_parameters
    if not isinstance(path, dict):
        return
    dice = zlib.crc32(repr([sorted(path.items()), case.body]).encode())
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
    # What is not to be a tag of the format is at times one all the same.
    if not positive and isinstance(path.get("tagName"), str) and is_tag(path["tagName"]):
        path["tagName"] += "!"
    # A precondition would make nearly every write a 412.
    for header in ("If-Match", "If-None-Match"):
        if case.headers and header in case.headers and positive and dice % 8:
            del case.headers[header]
    # What was valid still is, and what was not is not. Schemathesis would look again, at the path in its encoded form,
    # and take every % for a sign that no tag has.
    case._record_starting_state()


def set_region_back(case, response):
    """Numbers without a prefix would be another country's from now on."""
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
def refused_for_what_no_schema_says(context, response, case):
    """The configuration lets `saveAddress` answer 422 to a valid body: an address that is not saved yet needs more
    fields, and whether it is saved, only the table knows. So here is what such an answer may name."""
    if operation_id(case) == "saveAddress" and response.status_code == 422 and is_positive(case):
        for error in json.loads(response.content)["errors"]:
            wanted = error.get("code") == "required" and error.get("pointer") in ("/address", "/latitude", "/longitude")
            assert wanted, f"a valid body was refused: {error}"


# What the last write made, in the words of other operations' parameters.
made = {}
UNLINKED_IS_GONE = ("getBrandCustomer", "updateBrandCustomer", "listBrandAddresses", "getAccountCustomer")


@schemathesis.check
def what_was_just_made_is_there(context, response, case):
    """The configuration spares some operations from `ensure_resource_availability`, since what was made under a brand may
    have been unlinked from it in between. Directly after it was made, it was not."""
    operation = operation_id(case)
    asked = dict(case.path_parameters or {}) | dict(case.query or {})
    for name in ("clientId", "include", "addressLimit", "addressOrder"):
        asked.pop(name, None)
    if operation in (*UNLINKED_IS_GONE, "findCustomerByPhone") and response.status_code == 404:
        assert not (asked and made and asked.items() <= made.items()), f"404 for what was just made: {asked}"
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
