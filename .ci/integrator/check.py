"""Makes an integrator's first calls with the generated Python client."""

import os

from customers_api import AuthenticatedClient
from customers_api.api.customers import create_brand_customer, find_customer_by_phone
from customers_api.api.tags import add_tag
from customers_api.models import Customer, CustomerCreate, CustomerPriorityType, Problem, ProblemCode

client = AuthenticatedClient(
    base_url=os.environ["API"], token=os.environ["TOKEN"], raise_on_unexpected_status=True
)

created = create_brand_customer.sync_detailed(
    "demo", "python", client=client, body=CustomerCreate(phone="087 123 4567", first_name="Aoife", tags=["vip"])
)
assert created.status_code == 201, created
customer = created.parsed
assert isinstance(customer, Customer)
assert (customer.phone, customer.first_name, customer.tags) == ("+353871234567", "Aoife", ["VIP"])
assert customer.default_brand is not None and customer.default_brand.id == "python"
assert (customer.priority, customer.priority_type) == (20, CustomerPriorityType.ELITE), customer

found = find_customer_by_phone.sync("demo", client=client, phone="00353 87 123 4567")
assert isinstance(found, Customer) and found.id == customer.id

tagged = add_tag.sync("demo", customer.id, "Größe 40", client=client)
assert isinstance(tagged, Customer) and "GRÖSSE 40" in tagged.tags

refused = create_brand_customer.sync("demo", "python", client=client, body=CustomerCreate(phone="087"))
assert isinstance(refused, Problem) and refused.code is ProblemCode.VALIDATION_FAILED
assert [(error.pointer, error.code) for error in refused.errors] == [("/phone", "phone_too_short")]
