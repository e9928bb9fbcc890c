//! A tenant's API key and its tier. The authorizer returns the value of the key, so API Gateway finds it by the value.
//! People and this command find it by the name. Values are unique, but names may not be.

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::operation::create_api_key::CreateApiKeyError;
use aws_sdk_apigateway::operation::create_usage_plan_key::CreateUsagePlanKeyError;
use aws_sdk_apigateway::operation::delete_api_key::DeleteApiKeyError;
use aws_sdk_apigateway::operation::delete_usage_plan_key::DeleteUsagePlanKeyError;
use aws_sdk_apigateway::types::{ApiKey, Op, PatchOperation};
use shared::domain::ClientId;

use crate::aws::CallFailed;
use crate::list::Tenant;
use crate::plans::{self, PAGE, Plan};
use crate::stage::Stage;

/// Why an id is expected, although the SDK's types make every field of a response optional.
const HAS_AN_ID: &str = "API Gateway returns the id of every key";

/// The API key of one tenant of one stage.
pub(crate) struct TenantKey<'a> {
    gateway: &'a Client,
    stage: &'a Stage,
    /// The name of the key.
    pub(crate) name: String,
    value: String,
}

/// A key that exists in API Gateway.
#[derive(Debug)]
pub(crate) struct ExistingKey {
    id: String,
    pub(crate) enabled: bool,
    /// This run created it.
    pub(crate) is_new: bool,
}

/// The change of the key's tier.
#[derive(Debug)]
pub(crate) enum TierChange {
    Already,
    Now,
    /// The key was in these tiers before.
    Moved(Vec<String>),
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error(transparent)]
    Call(#[from] CallFailed),
    #[error(
        "the API key {name} ({id}) has another value than the gateway looks for, and a value cannot be changed: delete \
         it with `aws apigateway delete-api-key --api-key {id}`, and run this again"
    )]
    OtherValue { name: String, id: String },
    #[error(
        "the API key {other} ({id}) has the value that {name} needs: rename it with `aws apigateway update-api-key \
         --api-key {id} --patch-operations op=replace,path=/name,value={name}`, and run this again"
    )]
    OtherName { name: String, other: String, id: String },
    #[error("API Gateway has the API key {name} but does not list it yet: run this again in a moment")]
    NotListed { name: String },
    #[error("another run put {name} into the tier {tier} at the same time: run this again to put it into {wanted}")]
    Contended { name: String, tier: String, wanted: String },
    #[error("{name} was removed from the tier {from}; its callers get 403 until this is run again: {cause}")]
    InNoTier { name: String, from: String, cause: CallFailed },
}

impl<'a> TenantKey<'a> {
    pub(crate) fn new(gateway: &'a Client, stage: &'a Stage, client: &ClientId) -> Self {
        let value = authorizer::usage_key(stage.as_str(), client);
        Self { gateway, stage, name: stage.key_name(client), value }
    }

    /// The key of the tenant's apps and passengers.
    pub(crate) fn self_service(gateway: &'a Client, stage: &'a Stage, client: &ClientId) -> Self {
        let value = authorizer::self_service_usage_key(stage.as_str(), client);
        Self { gateway, stage, name: stage.self_service_key_name(client), value }
    }

    /// Looks for the key. A key with its name but another value is refused. Such a key beside the right one has no
    /// effect and is not changed.
    pub(crate) async fn find(&self) -> Result<Option<ExistingKey>, KeyError> {
        // API Gateway returns all keys whose names start with this one.
        let mut named = self.list(Some(&self.name)).await?;
        named.retain(|key| key.name() == Some(&self.name));
        match named.iter().find(|key| key.value() == Some(&self.value)).or(named.first()) {
            None => Ok(None),
            Some(key) if key.value() == Some(&self.value) => Ok(Some(known(key))),
            Some(key) => Err(KeyError::OtherValue { name: self.name.clone(), id: id_of(key) }),
        }
    }

    /// Creates the key, or returns the one that another run has created meanwhile.
    pub(crate) async fn create(&self, client: &ClientId) -> Result<ExistingKey, KeyError> {
        let description = format!("Puts the tenant {client} of the stage {} under its usage plan.", self.stage);
        let create = self.gateway.create_api_key().name(&self.name).value(&self.value).description(description);
        match create.enabled(true).send().await {
            Ok(key) => Ok(ExistingKey { id: key.id.expect(HAS_AN_ID), enabled: true, is_new: true }),
            Err(error) if error.as_service_error().is_some_and(CreateApiKeyError::is_conflict_exception) => {
                match self.find().await? {
                    Some(key) => Ok(key),
                    None => Err(self.holder_of_the_value().await?),
                }
            }
            Err(error) => Err(CallFailed::of("CreateApiKey")(error).into()),
        }
    }

    /// Puts the key into a plan, and removes it from the stage's other plans. In API Gateway a key can only be in one
    /// plan of a stage, so it is removed first. Until the next call has added it, the tenant's callers get 403.
    pub(crate) async fn move_to(&self, key: &ExistingKey, plan: &Plan) -> Result<TierChange, KeyError> {
        let plans = self.plans_with(key).await?;
        let already = plans.iter().any(|in_| in_.id == plan.id);
        let mut from = Vec::new();
        for other in plans.into_iter().filter(|in_| in_.id != plan.id) {
            self.remove_from(key, &other).await?;
            from.push(other.tier);
        }
        if already {
            return Ok(if from.is_empty() { TierChange::Already } else { TierChange::Moved(from) });
        }
        let enter = self.gateway.create_usage_plan_key().usage_plan_id(&plan.id).key_id(&key.id).key_type("API_KEY");
        let Err(error) = enter.send().await else {
            return Ok(if from.is_empty() { TierChange::Now } else { TierChange::Moved(from) });
        };

        // A conflict means that the key is already in a plan. If it is this plan, another run was faster.
        let conflict = error.as_service_error().is_some_and(CreateUsagePlanKeyError::is_conflict_exception);
        let plans = if conflict { self.plans_with(key).await.unwrap_or_default() } else { Vec::new() };
        let (name, cause) = (self.name.clone(), CallFailed::of("CreateUsagePlanKey")(error));
        match plans.first() {
            _ if plans.iter().any(|in_| in_.id == plan.id) => Ok(TierChange::Already),
            Some(other) => Err(KeyError::Contended { name, tier: other.tier.clone(), wanted: plan.tier.clone() }),
            None if from.is_empty() => Err(cause.into()),
            None => Err(KeyError::InNoTier { name, from: from.join(", "), cause }),
        }
    }

    /// Enables the key.
    pub(crate) async fn enable(&self, key: &ExistingKey) -> Result<(), KeyError> {
        let patch = PatchOperation::builder().op(Op::Replace).path("/enabled").value("true").build();
        let update = self.gateway.update_api_key().api_key(&key.id).patch_operations(patch);
        update.send().await.map_err(CallFailed::of("UpdateApiKey"))?;
        Ok(())
    }

    /// Removes the key from its plan and deletes it.
    pub(crate) async fn delete(&self, key: &ExistingKey) -> Result<(), KeyError> {
        for plan in self.plans_with(key).await? {
            self.remove_from(key, &plan).await?;
        }
        match self.gateway.delete_api_key().api_key(&key.id).send().await {
            Ok(_) => Ok(()),
            // Another run deleted it.
            Err(error) if error.as_service_error().is_some_and(DeleteApiKeyError::is_not_found_exception) => Ok(()),
            Err(error) => Err(CallFailed::of("DeleteApiKey")(error).into()),
        }
    }

    async fn remove_from(&self, key: &ExistingKey, plan: &Plan) -> Result<(), KeyError> {
        let removal = self.gateway.delete_usage_plan_key().usage_plan_id(&plan.id).key_id(&key.id);
        match removal.send().await {
            Ok(_) => Ok(()),
            // Another run has removed it.
            Err(error) if error.as_service_error().is_some_and(DeleteUsagePlanKeyError::is_not_found_exception) => {
                Ok(())
            }
            Err(error) => Err(CallFailed::of("DeleteUsagePlanKey")(error).into()),
        }
    }

    async fn plans_with(&self, key: &ExistingKey) -> Result<Vec<Plan>, CallFailed> {
        plans::with_key(&key.id, self.stage, self.gateway).await
    }

    /// Finds the reason why the value is taken although no key has the name. This reads all keys of the account.
    async fn holder_of_the_value(&self) -> Result<KeyError, CallFailed> {
        let keys = self.list(None).await?;
        let name = self.name.clone();
        Ok(match keys.iter().find(|key| key.value() == Some(&self.value)) {
            Some(key) if key.name() != Some(&self.name) => {
                let other = key.name().unwrap_or("without a name").to_owned();
                KeyError::OtherName { name, other, id: id_of(key) }
            }
            _ => KeyError::NotListed { name },
        })
    }

    async fn list(&self, name: Option<&str>) -> Result<Vec<ApiKey>, CallFailed> {
        list(self.gateway, name).await
    }
}

/// The account's API keys whose names begin with `name`.
async fn list(gateway: &Client, name: Option<&str>) -> Result<Vec<ApiKey>, CallFailed> {
    let keys = gateway.get_api_keys().set_name_query(name.map(str::to_owned)).include_values(true);
    let pages = keys.into_paginator().page_size(PAGE);
    pages.items().send().collect::<Result<_, _>>().await.map_err(CallFailed::of("GetApiKeys"))
}

/// The tenants that have a key whose name begins with this, without their tiers.
pub(crate) async fn tenants_with(prefix: &str, gateway: &Client) -> Result<Vec<Tenant>, CallFailed> {
    let keys = list(gateway, Some(prefix)).await?;
    let tenants = keys.iter().filter_map(|key| {
        let client = key.name()?.strip_prefix(prefix)?.to_owned();
        let key_value = key.value().unwrap_or_default().to_owned();
        Some(Tenant { client, key_id: id_of(key), key_value, enabled: key.enabled(), tier: None })
    });
    Ok(tenants.collect())
}

fn known(key: &ApiKey) -> ExistingKey {
    ExistingKey { id: id_of(key), enabled: key.enabled(), is_new: false }
}

fn id_of(key: &ApiKey) -> String {
    key.id().expect(HAS_AN_ID).to_owned()
}
