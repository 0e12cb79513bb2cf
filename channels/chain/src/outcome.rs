// SPDX-License-Identifier: Apache-2.0

//! What an extrinsic did: events, fees and named failures.

use crate::{
    Config,
    connection::{Chain, Head},
    error::ChainError,
};
use codec::Decode;
use core::{fmt, time::Duration};
use millrace_primitives_channels::{AccountId, Balance, Hash};
use subxt::{
    error::DispatchError,
    events::{Event, Phase},
};

/// Something that the runtime announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainEvent {
    /// The pallet's name.
    pub pallet: String,
    /// The event's name.
    pub name: String,
    /// The encoded fields.
    pub fields: Vec<u8>,
}

/// Why the runtime refused what an extrinsic asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DispatchFailure {
    /// Pallet and call that failed.
    pub call: String,
    /// Pallet of the error; nothing if the error is not a pallet's.
    pub pallet: Option<String>,
    /// Name of the error.
    pub name: String,
    /// The error's documentation, which says what to do.
    pub docs: String,
    /// Hash of the extrinsic.
    pub extrinsic: Hash,
    /// The block it is in.
    pub block: Head,
}

impl DispatchFailure {
    /// The error as pallet and name.
    pub fn path(&self) -> String {
        match &self.pallet {
            Some(pallet) => format!("{pallet}.{}", self.name),
            None => self.name.clone(),
        }
    }
}

impl fmt::Display for DispatchFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} failed in block {} with {}",
            self.call,
            self.block.number,
            self.path()
        )?;
        if !self.docs.is_empty() {
            write!(formatter, "\n  {}", self.docs)?;
        }
        Ok(())
    }
}

/// An extrinsic in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// Pallet and call.
    pub call: String,
    /// Hash of the extrinsic.
    pub extrinsic: Hash,
    /// The block.
    pub block: Head,
    /// Position of the extrinsic in the block.
    pub index: u32,
    /// Time since its submission.
    pub after: Duration,
    /// What the sender paid for it, in the smallest unit; zero if the fee was returned.
    pub fee: Balance,
    /// What it would have cost without a return, as estimated before submission.
    pub fee_estimate: Option<Balance>,
    /// What the runtime announced while executing it.
    pub events: Vec<ChainEvent>,
    /// Why the runtime refused it, if it did. The extrinsic is in the block all the same.
    pub failure: Option<DispatchFailure>,
}

impl Inclusion {
    /// The inclusion if the runtime did what was asked, else its refusal as an error.
    pub fn success(self) -> Result<Self, ChainError> {
        match self.failure {
            Some(failure) => Err(ChainError::Failed(Box::new(failure))),
            None => Ok(self),
        }
    }

    /// Whether the runtime announced this event.
    pub fn has_event(&self, pallet: &str, name: &str) -> bool {
        self.events.iter().any(|event| event.pallet == pallet && event.name == name)
    }
}

impl Chain {
    /// Reads what became of the extrinsic at place `index` of `block`.
    pub(crate) async fn inclusion(
        &self,
        call: String,
        extrinsic: Hash,
        block: Head,
        index: u32,
        after: Duration,
    ) -> Result<Inclusion, ChainError> {
        let what = "the events of an extrinsic";
        let at = self.at(block.hash).await?;
        let all = at.events().fetch().await.map_err(ChainError::request(what))?;
        let (mut events, mut failure) = (Vec::new(), None);
        for event in all.iter() {
            let event = event.map_err(ChainError::request(what))?;
            if !matches!(event.phase(), Phase::ApplyExtrinsic(place) if place == index) {
                continue;
            }
            if event.pallet_name() == "System" && event.event_name() == "ExtrinsicFailed" {
                let error = DispatchError::decode_from(event.field_bytes(), at.metadata())
                    .map_err(ChainError::request(what))?;
                let (pallet, name, docs) = explain(&error);
                let call = call.clone();
                failure = Some(DispatchFailure { call, pallet, name, docs, extrinsic, block });
            }
            events.push(chain_event(&event));
        }
        let fee = events.iter().find_map(fee_paid).map_or(0, |(_payer, fee)| fee);
        let fee_estimate = None;
        Ok(Inclusion { call, extrinsic, block, index, after, fee, fee_estimate, events, failure })
    }

    /// Who paid which fees in a block, in the smallest unit, in the order of its extrinsics. What was
    /// given back is not counted.
    pub async fn fees_in(&self, block: Hash) -> Result<Vec<(AccountId, Balance)>, ChainError> {
        let what = "the fees of a block";
        let at = self.at(block).await?;
        let events = at.events().fetch().await.map_err(ChainError::request(what))?;
        let mut fees = Vec::new();
        for event in events.iter() {
            fees.extend(fee_paid(&chain_event(&event.map_err(ChainError::request(what))?)));
        }
        Ok(fees)
    }
}

/// Who paid what, if this event says so.
pub(crate) fn fee_paid(event: &ChainEvent) -> Option<(AccountId, Balance)> {
    if event.pallet != "TransactionPayment" || event.name != "TransactionFeePaid" {
        return None;
    }
    let (payer, fee, _tip) = <(AccountId, Balance, Balance)>::decode(&mut &*event.fields).ok()?;
    Some((payer, fee))
}

pub(crate) fn chain_event(event: &Event<'_, Config>) -> ChainEvent {
    ChainEvent {
        pallet: event.pallet_name().to_owned(),
        name: event.event_name().to_owned(),
        fields: event.field_bytes().to_vec(),
    }
}

/// Name and documentation of a dispatch error.
pub(crate) fn explain(error: &DispatchError) -> (Option<String>, String, String) {
    if let DispatchError::Module(module) = error
        && let Ok(details) = module.details()
    {
        return (
            Some(details.pallet.name().to_owned()),
            details.variant.name.clone(),
            details.variant.docs.join(" ").trim().to_owned(),
        );
    }
    (None, error.to_string(), String::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;

    #[test]
    fn fee_is_read_from_its_event_only() {
        let fields = (AccountId::new([1; 32]), 123u128, 0u128).encode();
        let event = |pallet: &str, name: &str| ChainEvent {
            pallet: pallet.to_owned(),
            name: name.to_owned(),
            fields: fields.clone(),
        };
        let payer = AccountId::new([1; 32]);
        let paid = fee_paid(&event("TransactionPayment", "TransactionFeePaid"));
        assert_eq!(paid, Some((payer, 123)));
        assert_eq!(fee_paid(&event("Balances", "Transfer")), None);
    }

    #[test]
    fn failure_names_the_error_and_its_remedy() {
        let failure = DispatchFailure {
            call: "Channels.answer".to_owned(),
            pallet: Some("Channels".to_owned()),
            name: "StaleVersion".to_owned(),
            docs: "Send a later state.".to_owned(),
            extrinsic: Hash::zero(),
            block: Head { number: 7, hash: Hash::zero() },
        };
        assert_eq!(failure.path(), "Channels.StaleVersion");
        assert_eq!(
            failure.to_string(),
            "Channels.answer failed in block 7 with Channels.StaleVersion\n  Send a later state."
        );
    }
}
