//! A tenant's API key: its making, and the tier that it is in.
//!
//! The gateway's authorizer names the key by its value, so the value is what counts. The name is for people, and is how
//! the key is found among thousands; names need not be unique, values are.

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

/// Why an id is there: the SDK's types make every field of a response optional.
const HAS_AN_ID: &str = "API Gateway returns the id of every key";

/// The API key of one tenant of one stage.
pub(crate) struct TenantKey<'a> {
    gateway: &'a Client,
    stage: &'a Stage,
    /// What the key is called.
    pub(crate) name: String,
    value: String,
}

/// A key that is there.
#[derive(Debug)]
pub(crate) struct Key {
    id: String,
    pub(crate) enabled: bool,
    /// This run created it.
    pub(crate) is_new: bool,
}

/// What became of the key's tier.
#[derive(Debug)]
pub(crate) enum Joined {
    Already,
    Now,
    /// It was in these before.
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
    #[error("API Gateway says that the API key {name} exists, and does not list it yet: run this again in a moment")]
    NotListed { name: String },
    #[error("another run put {name} into the tier {tier} at the same time: run this again to have it in {wanted}")]
    Contended { name: String, tier: String, wanted: String },
    #[error("{name} was taken out of the tier {from}, and its callers get 403 until this is run again: {cause}")]
    InNoTier { name: String, from: String, cause: CallFailed },
}

impl<'a> TenantKey<'a> {
    pub(crate) fn new(gateway: &'a Client, stage: &'a Stage, client: &ClientId) -> Self {
        let value = authorizer::usage_key(stage.as_str(), client);
        Self { gateway, stage, name: stage.key_name(client), value }
    }

    /// Looks for it. A key of its name with another value is refused; one beside the right key serves nobody and is
    /// left alone.
    pub(crate) async fn find(&self) -> Result<Option<Key>, KeyError> {
        // API Gateway gives every name that begins like this one.
        let mut named = self.list(Some(&self.name)).await?;
        named.retain(|key| key.name() == Some(&self.name));
        match named.iter().find(|key| key.value() == Some(&self.value)).or(named.first()) {
            None => Ok(None),
            Some(key) if key.value() == Some(&self.value) => Ok(Some(known(key))),
            Some(key) => Err(KeyError::OtherValue { name: self.name.clone(), id: id_of(key) }),
        }
    }

    /// Creates it, or takes the one that another run created since it was looked for.
    pub(crate) async fn create(&self, client: &ClientId) -> Result<Key, KeyError> {
        let description = format!("Puts the tenant {client} of the stage {} under its usage plan.", self.stage);
        let create = self.gateway.create_api_key().name(&self.name).value(&self.value).description(description);
        match create.enabled(true).send().await {
            Ok(key) => Ok(Key { id: key.id.expect(HAS_AN_ID), enabled: true, is_new: true }),
            Err(error) if error.as_service_error().is_some_and(CreateApiKeyError::is_conflict_exception) => {
                match self.find().await? {
                    Some(key) => Ok(key),
                    None => Err(self.holder_of_the_value().await?),
                }
            }
            Err(error) => Err(CallFailed::of("CreateApiKey")(error).into()),
        }
    }

    /// Puts it into a plan, and takes it out of the stage's others.
    ///
    /// API Gateway has a key in one plan of a stage at most, so out comes first. Until it is in again, which is one
    /// call later, the tenant's callers are answered with 403.
    pub(crate) async fn join(&self, key: &Key, plan: &Plan) -> Result<Joined, KeyError> {
        let plans = self.plans_with(key).await?;
        let already = plans.iter().any(|in_| in_.id == plan.id);
        let mut from = Vec::new();
        for other in plans.into_iter().filter(|in_| in_.id != plan.id) {
            self.leave(key, &other).await?;
            from.push(other.tier);
        }
        if already {
            return Ok(if from.is_empty() { Joined::Already } else { Joined::Moved(from) });
        }
        let enter = self.gateway.create_usage_plan_key().usage_plan_id(&plan.id).key_id(&key.id).key_type("API_KEY");
        let Err(error) = enter.send().await else {
            return Ok(if from.is_empty() { Joined::Now } else { Joined::Moved(from) });
        };

        // A conflict is a key that is in a plan already: if in this one, another run was faster.
        let conflict = error.as_service_error().is_some_and(CreateUsagePlanKeyError::is_conflict_exception);
        let plans = if conflict { self.plans_with(key).await.unwrap_or_default() } else { Vec::new() };
        let (name, cause) = (self.name.clone(), CallFailed::of("CreateUsagePlanKey")(error));
        match plans.first() {
            _ if plans.iter().any(|in_| in_.id == plan.id) => Ok(Joined::Already),
            Some(other) => Err(KeyError::Contended { name, tier: other.tier.clone(), wanted: plan.tier.clone() }),
            None if from.is_empty() => Err(cause.into()),
            None => Err(KeyError::InNoTier { name, from: from.join(", "), cause }),
        }
    }

    /// Enables it.
    pub(crate) async fn enable(&self, key: &Key) -> Result<(), KeyError> {
        let patch = PatchOperation::builder().op(Op::Replace).path("/enabled").value("true").build();
        let update = self.gateway.update_api_key().api_key(&key.id).patch_operations(patch);
        update.send().await.map_err(CallFailed::of("UpdateApiKey"))?;
        Ok(())
    }

    /// Takes it out of its plan and deletes it.
    pub(crate) async fn delete(&self, key: &Key) -> Result<(), KeyError> {
        for plan in self.plans_with(key).await? {
            self.leave(key, &plan).await?;
        }
        match self.gateway.delete_api_key().api_key(&key.id).send().await {
            Ok(_) => Ok(()),
            // Another run deleted it.
            Err(error) if error.as_service_error().is_some_and(DeleteApiKeyError::is_not_found_exception) => Ok(()),
            Err(error) => Err(CallFailed::of("DeleteApiKey")(error).into()),
        }
    }

    async fn leave(&self, key: &Key, plan: &Plan) -> Result<(), KeyError> {
        let leave = self.gateway.delete_usage_plan_key().usage_plan_id(&plan.id).key_id(&key.id);
        match leave.send().await {
            Ok(_) => Ok(()),
            // Another run took it out.
            Err(error) if error.as_service_error().is_some_and(DeleteUsagePlanKeyError::is_not_found_exception) => {
                Ok(())
            }
            Err(error) => Err(CallFailed::of("DeleteUsagePlanKey")(error).into()),
        }
    }

    async fn plans_with(&self, key: &Key) -> Result<Vec<Plan>, CallFailed> {
        plans::with_key(&key.id, self.stage, self.gateway).await
    }

    /// Why the value is taken though no key has the name: every key of the account is looked at.
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

/// The tenants that have a key of the stage, without their tiers.
pub(crate) async fn tenants_of(stage: &Stage, gateway: &Client) -> Result<Vec<Tenant>, CallFailed> {
    let prefix = stage.key_prefix();
    let keys = list(gateway, Some(&prefix)).await?;
    let tenants = keys.iter().filter_map(|key| {
        let client = key.name()?.strip_prefix(&prefix)?.to_owned();
        let key_value = key.value().unwrap_or_default().to_owned();
        Some(Tenant { client, key_id: id_of(key), key_value, enabled: key.enabled(), tier: None })
    });
    Ok(tenants.collect())
}

fn known(key: &ApiKey) -> Key {
    Key { id: id_of(key), enabled: key.enabled(), is_new: false }
}

fn id_of(key: &ApiKey) -> String {
    key.id().expect(HAS_AN_ID).to_owned()
}
