// SPDX-License-Identifier: Apache-2.0

//! Payments over one channel, directly, and over others where none leads to the payee.

use crate::{
    payments,
    peers::peer_of,
    refusing::{refusal, stopped},
    service::{Daemon, LOOK, key, names_of_payments, seconds},
    views,
};
use millrace_channels_api::{
    Amount, ApiError, Code, Operation, Result,
    types::{Direction, Payment, PaymentState, Recipient, SendPayment},
    values::{Note, PaymentId, Peer as PeerName},
};
use millrace_channels_daemon::{
    Command, CommandError, Node, Peer,
    node::Standing,
    operation::{Deed, Operation as Known, Progress},
    shell::Stopped,
};
use millrace_primitives_channels::{Balance, ChannelId};
use tokio::time::{interval, timeout_at};

/// A named payment over one channel as programs see it.
pub fn direct_view(id: [u8; 32], known: &Known, payee: Option<PeerName>) -> Option<Payment> {
    let Deed::Payment(paid) = known.deed else { return None };
    let state = direct_state(known.progress);
    let failure = match known.progress {
        Progress::Failed => Some(refusal(&CommandError::NotPossible)),
        Progress::Uncertain | Progress::Suspended => Some(refusal(&CommandError::Uncertain)),
        Progress::UnderWay | Progress::Done { .. } => None,
    };
    let (direction, amount) = (Direction::Outgoing, Amount(paid.amount));
    Some(Payment {
        payee,
        parts: if state == PaymentState::Failed { 0 } else { 1 },
        failure,
        ..Payment::new(PaymentId(id), direction, state, amount, seconds(known.at))
    })
}

/// Who gets a payment over one channel, if the channel is still known.
pub fn payee_of(node: &Node, known: &Known) -> Option<PeerName> {
    let Deed::Payment(paid) = known.deed else { return None };
    let view = node.channel(known.channel)?;
    views::peer_name(*view.peers.get(usize::from(paid.payee))?)
}

/// How far a payment over one channel has come, in the words of the interface.
pub fn direct_state(progress: Progress) -> PaymentState {
    match progress {
        Progress::UnderWay => PaymentState::UnderWay,
        Progress::Done { .. } => PaymentState::Succeeded,
        Progress::Failed => PaymentState::Failed,
        Progress::Uncertain | Progress::Suspended => PaymentState::Uncertain,
    }
}

/// The channel over which an amount can be paid to a peer directly.
fn channel_to(node: &Node, to: &Peer, amount: Balance) -> Option<ChannelId> {
    node.channels_with(to)
        .into_iter()
        .filter_map(|id| node.channel(id))
        .find(|view| view.spendable >= amount)
        .map(|view| view.id)
}

impl Daemon {
    /// A payment by its id.
    pub async fn known(&self, id: [u8; 32]) -> Result<Option<Payment>> {
        let made = self.look(move |node| {
            if let Some((key, known)) = node.payment_named(&id) {
                return Some(payments::payment_view(node, key, known));
            }
            let known = node.operation(&id)?;
            direct_view(id, known, payee_of(node, known))
        });
        match made.await? {
            Some(made) => Ok(Some(self.noted(made))),
            None => self.nameless(id).await,
        }
    }

    /// A payment with the note that its payer made.
    pub fn noted(&self, payment: Payment) -> Payment {
        let note = payment.note.clone().or_else(|| self.notes.of(&payment.payment.0));
        Payment { note, ..payment }
    }

    /// Makes a payment of which something was noted. The note of one that was never begun is
    /// forgotten, so that its name can be used again with another one.
    pub async fn with_note(
        &self,
        id: [u8; 32],
        note: Option<Note>,
        making: impl Future<Output = Result<Payment>>,
    ) -> Result<Payment> {
        let is_new = note.is_some_and(|note| self.notes.note(id, &note));
        if self.notes.are_many() {
            let mut names = self.look(|node| names_of_payments(node)).await?;
            names.insert(id);
            self.notes.keep_only(&names);
        }
        let made = making.await;
        if is_new && made.is_err() {
            let is_known = self.look(move |node| {
                node.payment_named(&id).is_some() || node.operation(&id).is_some()
            });
            if !is_known.await? {
                self.notes.forget(&id);
            }
        }
        made.map(|made| self.noted(made))
    }

    /// Pays over one channel, and waits for the outcome as long as the request does.
    pub async fn pay(&self, operation: Operation, request: SendPayment) -> Result<Payment> {
        let amount = request.amount.0;
        let until = payments::until(request.wait_seconds);
        let channel = match &request.to {
            Recipient::Channel(id) => ChannelId::from(id.0),
            Recipient::Peer(name) => {
                let (_, peer) = peer_of(name)?;
                let id = operation.id;
                let found = self
                    .look(move |node| {
                        // A repetition goes the way of the first.
                        if node.payment_named(&id).is_some() {
                            return None;
                        }
                        let known = node.operation(&id).map(|known| known.channel);
                        known.or_else(|| channel_to(node, &peer, amount))
                    })
                    .await?;
                match found {
                    Some(channel) => channel,
                    None => {
                        let limit = request.fee_limit;
                        return self.pay_over_others(operation, name, amount, limit, until).await;
                    }
                }
            }
        };
        self.verify_spendable(&operation, channel, amount).await?;
        let command =
            Command::Pay { channel, payee: None, amount, operation: Some(key(&operation)) };
        let node = self.node.clone();
        let running = tokio::spawn(async move { node.command(command).await });
        if let Ok(done) = timeout_at(until, running).await {
            match done.map_err(|_| stopped(Stopped))?.map_err(stopped)? {
                Ok(_) | Err(CommandError::UnderWay | CommandError::Uncertain) => {}
                // It was begun, and failed for good.
                Err(CommandError::NotPossible) => {}
                Err(error) => return Err(refusal(&error)),
            }
        }
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            let known = self.known(operation.id).await?.ok_or_else(|| {
                let message = "the payment was not begun";
                ApiError::new(Code::NotReady, message, "Try again under the same key.")
            })?;
            if payments::is_told(&known, until) {
                return Ok(known);
            }
        }
    }

    /// Errors if a payment that was not asked for before is more than its channel has.
    async fn verify_spendable(
        &self,
        operation: &Operation,
        channel: ChannelId,
        amount: Balance,
    ) -> Result<()> {
        let id = operation.id;
        let looked = self.look(move |node| {
            let is_known = node.operation(&id).is_some();
            node.channel(channel).filter(|_| !is_known).map(|view| (view.standing, view.spendable))
        });
        let Some((Standing::Open, spendable)) = looked.await? else { return Ok(()) };
        if amount <= spendable {
            return Ok(());
        }
        let (wanted, there) = (self.show(amount), self.show(spendable));
        let message = format!("the payment is {wanted}, and {there} can be sent over the channel");
        let remedy = "Pay less, or add money to the channel.";
        Err(ApiError::new(Code::InsufficientFunds, message, remedy))
    }
}
